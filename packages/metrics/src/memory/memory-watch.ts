import { Emitter, Lifecycle, type Closeable, type Listenable, type Unsubscribe } from '@perf/core';
import { Cgroup } from '../signals/cgroup.ts';
import { Heartbeat } from '../signals/heartbeat.ts';
import { readLimits } from '../signals/limits.ts';
import { forceGc } from './forced-gc.ts';
import { HeapSnapshots } from './heap-snapshots.ts';
import {
  memoryWatchSettings,
  type MemoryWatchOptions,
  type MemoryWatchSettings,
} from './options.ts';
import { Pressure } from './pressure.ts';
import {
  MEMORY_EVENTS,
  pressureChannel,
  type ForcedGc,
  type MemoryReading,
  type MemoryState,
  type MemoryWatchEvents,
  type MemoryWatchStats,
} from './telemetry.ts';

/** Looks at the memory of the process, and tells when it is short. */
export interface MemoryWatch extends Listenable<MemoryWatchEvents>, Closeable {
  readonly name: string;
  readonly state: MemoryState;
  /** Memory as it is now. */
  read(): MemoryReading;
  /** Collects all garbage, whatever the state and the cool-down. @returns `undefined` where Node does not expose that */
  forceGc(): ForcedGc | undefined;
  stats(): MemoryWatchStats;
}

/**
 * Begins at once, and keeps no process alive.
 * @throws {@link ConfigError} naming the option that is refused
 * @example
 * const watch = createMemoryWatch({ maxRss: '1gb' });
 * watch.on('pressure', () => cache.clear('expired'));
 */
export function createMemoryWatch(options: MemoryWatchOptions = {}): MemoryWatch {
  const settings = memoryWatchSettings(options);
  return new ProcessMemoryWatch(settings, readMemory(new Cgroup(settings.clock)));
}

/** @internal For tests: with readings of their own. */
export class ProcessMemoryWatch implements MemoryWatch {
  readonly name: string;
  readonly #settings: MemoryWatchSettings;
  readonly #read: () => MemoryReading;
  readonly #events = new Emitter<MemoryWatchEvents>(MEMORY_EVENTS);
  readonly #pressure: Pressure;
  readonly #snapshots: HeapSnapshots | undefined;
  readonly #lifecycle: Lifecycle;
  readonly #heartbeat: Heartbeat;
  #stateSince: number;
  #lastGc = -Infinity;
  #isWriting = false;
  #pressures = 0;
  #forcedGcs = 0;
  #heapSnapshots = 0;

  constructor(settings: MemoryWatchSettings, read: () => MemoryReading) {
    const { name, clock, heapSnapshot } = settings;
    this.name = name;
    this.#settings = settings;
    this.#read = read;
    this.#pressure = new Pressure(settings);
    this.#stateSince = clock.now();
    if (heapSnapshot !== undefined) this.#snapshots = new HeapSnapshots(heapSnapshot, clock);
    this.#lifecycle = new Lifecycle(`memory watch "${name}"`, () => {
      this.#heartbeat.stop();
      this.#events.clear();
    });
    const every = { busy: settings.interval, idle: settings.interval };
    this.#heartbeat = new Heartbeat(clock, every, () => {
      this.#look();
    });
  }

  get state(): MemoryState {
    return this.#pressure.state;
  }

  on<Event extends keyof MemoryWatchEvents>(
    event: Event,
    listener: (payload: MemoryWatchEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  read(): MemoryReading {
    return this.#read();
  }

  forceGc(): ForcedGc | undefined {
    const { clock } = this.#settings;
    const result = forceGc(clock);
    if (result === undefined) return undefined;
    this.#lastGc = clock.now();
    this.#forcedGcs++;
    this.#events.emit('gc', { watch: this.name, ...result });
    return result;
  }

  stats(): MemoryWatchStats {
    return {
      name: this.name,
      state: this.state,
      stateFor: this.#settings.clock.now() - this.#stateSince,
      reading: this.#read(),
      totals: {
        pressures: this.#pressures,
        forcedGcs: this.#forcedGcs,
        heapSnapshots: this.#heapSnapshots,
      },
    };
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #look(): void {
    const reading = this.#read();
    this.#tell(reading);
    // After those who were told have given up what they could.
    if (this.state === 'pressure' && this.#isGcDue()) this.forceGc();
    if (this.#snapshots?.isDue(reading) === true && !this.#isWriting) {
      void this.#snapshot(this.#snapshots, reading);
    }
  }

  #tell(reading: MemoryReading): void {
    const cause = this.#pressure.update(reading);
    if (cause === undefined) return;
    const { state } = this;
    this.#stateSince = this.#settings.clock.now();
    if (state === 'pressure') this.#pressures++;
    const event = { watch: this.name, state, cause, reading };
    this.#events.emit(state === 'pressure' ? 'pressure' : 'relief', event);
    if (pressureChannel.active) pressureChannel.publish(event);
  }

  #isGcDue(): boolean {
    const { gcCoolDown, clock } = this.#settings;
    return gcCoolDown !== undefined && clock.now() - this.#lastGc >= gcCoolDown;
  }

  async #snapshot(snapshots: HeapSnapshots, reading: MemoryReading): Promise<void> {
    this.#isWriting = true;
    try {
      const written = await snapshots.write(reading);
      this.#heapSnapshots++;
      this.#events.emit('heapSnapshot', { watch: this.name, ...written });
    } catch (error) {
      this.#events.emit('error', { watch: this.name, during: 'heap snapshot', error });
    } finally {
      this.#isWriting = false;
    }
  }
}

function readMemory(cgroup: Cgroup): () => MemoryReading {
  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const { memory, heap } = readLimits(cgroup);
    return {
      rss,
      heapUsed,
      memoryLimit: memory,
      heapLimit: heap,
      memoryShare: rss / memory,
      heapShare: heapUsed / heap,
    };
  };
}
