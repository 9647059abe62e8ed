import {
  checkFunction,
  checkKnown,
  Emitter,
  Lifecycle,
  toMilliseconds,
  type Closeable,
  type Duration,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import { Cgroup } from '../signals/cgroup.ts';
import { readLimits } from '../signals/limits.ts';
import { readHeapUsed } from '../signals/memory.ts';
import { BurstTrigger } from './bursts/burst-trigger.ts';
import type { Capture, CpuCaptureOptions, HeapCaptureOptions } from './captures/capture.ts';
import { Capturer } from './captures/capturer.ts';
import { GcHeapSeries } from './gc-heap-series.ts';
import { measureCall } from './operations/measured-call.ts';
import { OperationTable } from './operations/operation-table.ts';
import { RecordedSpan, type OperationSpan } from './operations/operation-span.ts';
import { profilerSettings, type ProfilerOptions, type ProfilerSettings } from './options.ts';
import type { Profile } from './profile.ts';
import type { Sample } from './sample.ts';
import { SampleRing } from './sample-ring.ts';
import { sampleReaders } from './sample-readers.ts';
import { Sampler } from './sampler.ts';
import { captureChannel, PROFILER_EVENTS, type ProfilerEvents } from './telemetry.ts';

/** What {@link Profiler.profile} takes. */
export interface ProfileOptions {
  /** How far back samples go. @default all that are kept */
  readonly last?: Duration | undefined;
}

/** Watches the process and what runs in it. Everything but captures costs well below a percent of one processor. */
export interface Profiler extends Listenable<ProfilerEvents>, Closeable {
  readonly name: string;
  /** Whether samples are taken. */
  readonly isRunning: boolean;
  /** Takes samples from now on. Idempotent. @throws {@link ClosedError} */
  start(): void;
  /** Takes none until {@link start} is called again; what was taken stays. Operations are counted all the same. Idempotent. */
  stop(): void;
  /**
   * Runs `fn`, and counts how long it took and whether it failed: threw, or returned a promise that is rejected. Returns what `fn` does;
   * of a promise, one that settles alike. Any number may run at once.
   */
  run<T>(component: string, operation: string, fn: () => T): T;
  /** An operation that is under way until its `end()`, or the end of the block of `using`. */
  span(component: string, operation: string): OperationSpan;
  /** The function, each call of which is counted as in {@link run}; arguments, `this`, name and types are kept. */
  wrap<Fn extends (this: never, ...args: never) => unknown>(
    component: string,
    operation: string,
    fn: Fn,
  ): Fn;
  /** What was seen: a copy, which does not change. */
  profile(options?: ProfileOptions): Profile;
  /**
   * Samples the stack for a while and writes a `.cpuprofile`. One capture at a time, of whichever kind.
   * Rejects with a {@link CaptureInProgressError}, a {@link CaptureFailedError}, a {@link ConfigError} for an option that is refused, the
   * signal's reason, or a {@link ClosedError}.
   */
  captureCpu(options?: CpuCaptureOptions): Promise<Capture>;
  /** Samples allocations for a while and writes a `.heapprofile` of those that are alive at the end. Rejects as {@link captureCpu}. */
  captureHeap(options?: HeapCaptureOptions): Promise<Capture>;
}

/**
 * Begins with {@link Profiler.start}. No timer of it keeps the process alive.
 * @throws {@link ConfigError} naming the option that is refused
 * @example
 * const profiler = createProfiler();
 * profiler.start();
 * const rows = await profiler.run('database', 'find user', () => database.query(text));
 * const { operations, samples } = profiler.profile({ last: '1m' });
 */
export function createProfiler(options: ProfilerOptions = {}): Profiler {
  return new ProcessProfiler(profilerSettings(options));
}

/** Characters of a name that an event tells. */
const SHOWN = 80;

class ProcessProfiler implements Profiler {
  readonly name: string;
  readonly #settings: ProfilerSettings;
  readonly #events = new Emitter<ProfilerEvents>(PROFILER_EVENTS);
  readonly #cgroup: Cgroup;
  readonly #ring: SampleRing;
  readonly #heapAfterGc = new GcHeapSeries();
  readonly #operations: OperationTable;
  readonly #sampler: Sampler;
  readonly #capturer: Capturer;
  readonly #bursts: readonly BurstTrigger[];
  readonly #lifecycle: Lifecycle;
  #uptime = 0;
  #startedAt = 0;

  constructor(settings: ProfilerSettings) {
    const { name, clock, interval, signals, dir, maxFiles } = settings;
    this.name = name;
    this.#settings = settings;
    this.#cgroup = new Cgroup(clock);
    this.#lifecycle = new Lifecycle(`profiler "${name}"`, () => {
      this.stop();
      this.#events.clear();
    });
    this.#ring = new SampleRing(settings.maxSamples);
    this.#operations = new OperationTable(settings.maxOperations, (component, operation) => {
      this.#events.emit('overflow', {
        profiler: name,
        component: component.slice(0, SHOWN),
        operation: operation.slice(0, SHOWN),
      });
    });
    const onMajorGc = (): void => {
      this.#heapAfterGc.add(clock.epoch(), readHeapUsed());
    };
    this.#sampler = new Sampler(
      clock,
      interval,
      () => sampleReaders(signals, clock, this.#cgroup, onMajorGc),
      (sample) => {
        this.#ring.add(sample);
        this.#trigger(sample);
      },
    );
    this.#capturer = new Capturer({ clock, dir, maxFiles, closed: this.#lifecycle.signal });
    this.#bursts = settings.bursts.map((burst) => new BurstTrigger(burst));
  }

  get isRunning(): boolean {
    return this.#sampler.isRunning;
  }

  on<Event extends keyof ProfilerEvents>(
    event: Event,
    listener: (payload: ProfilerEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  start(): void {
    this.#lifecycle.assertOpen();
    if (this.isRunning) return;
    this.#startedAt = this.#settings.clock.now();
    this.#sampler.start();
  }

  stop(): void {
    if (!this.isRunning) return;
    this.#uptime = this.#runningFor();
    this.#sampler.stop();
  }

  run<T>(component: string, operation: string, fn: () => T): T {
    const { clock } = this.#settings;
    return measureCall(this.#operations.get(component, operation, clock.now()), clock, fn);
  }

  span(component: string, operation: string): OperationSpan {
    const { clock } = this.#settings;
    return new RecordedSpan(this.#operations.get(component, operation, clock.now()), clock);
  }

  wrap<Fn extends (this: never, ...args: never) => unknown>(
    component: string,
    operation: string,
    fn: Fn,
  ): Fn {
    checkFunction('wrap', fn);
    const { clock } = this.#settings;
    const record = this.#operations.get(component, operation, clock.now());
    function wrapped(this: ThisParameterType<Fn>, ...args: Parameters<Fn>): unknown {
      return measureCall(record, clock, () => Reflect.apply(fn, this, args));
    }
    return Object.defineProperty(wrapped, 'name', {
      value: fn.name,
      configurable: true,
    }) as unknown as Fn;
  }

  profile(options: ProfileOptions = {}): Profile {
    checkKnown('profile', options, ['last']);
    const { clock, interval, signals } = this.#settings;
    const time = clock.epoch();
    const last = toMilliseconds('profile.last', options.last ?? Infinity, { infinite: true });
    const count = last === Infinity ? this.#ring.length : this.#ring.countSince(time - last);
    return {
      time,
      uptime: this.#runningFor(),
      interval,
      signals,
      samples: this.#ring.read(count),
      heapAfterGc: this.#heapAfterGc.read(),
      limits: readLimits(this.#cgroup),
      operations: this.#operations.read(clock.now()),
    };
  }

  async captureCpu(options: CpuCaptureOptions = {}): Promise<Capture> {
    return this.#captured(await this.#capturer.cpu(options), undefined);
  }

  async captureHeap(options: HeapCaptureOptions = {}): Promise<Capture> {
    return this.#captured(await this.#capturer.heap(options), undefined);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Together, over all its runs. */
  #runningFor(): number {
    return this.isRunning
      ? this.#uptime + this.#settings.clock.now() - this.#startedAt
      : this.#uptime;
  }

  #trigger(sample: Sample): void {
    if (this.#bursts.length === 0) return;
    const now = this.#settings.clock.now();
    // The draft is written over, and a condition may keep what it gets.
    const copy = { ...sample };
    for (const trigger of this.#bursts) {
      const { name } = trigger.settings;
      const isDue = trigger.isDue(copy, now, (error) => {
        this.#failed('condition', name, error);
      });
      if (!isDue || this.#capturer.isBusy) continue;
      trigger.begun(now);
      void this.#burst(trigger);
    }
  }

  async #burst({ settings: { name, capture, duration } }: BurstTrigger): Promise<void> {
    try {
      const taken =
        capture === 'cpu'
          ? await this.#capturer.cpu({ duration }, false)
          : await this.#capturer.heap({ duration }, false);
      this.#captured(taken, name);
    } catch (error) {
      if (this.#lifecycle.isOpen) this.#failed('burst', name, error);
    }
  }

  #captured(capture: Capture, burst: string | undefined): Capture {
    const event = { profiler: this.name, capture, burst };
    this.#events.emit('capture', event);
    if (captureChannel.active) captureChannel.publish(event);
    return capture;
  }

  #failed(during: 'condition' | 'burst', burst: string, error: unknown): void {
    this.#events.emit('error', { profiler: this.name, during, burst, error });
  }
}
