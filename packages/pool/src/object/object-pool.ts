import { checkInteger, Emitter, toMilliseconds, type Duration, type Listenable } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import { Admission } from '../admission/admission.ts';
import { PoolExhaustedError } from '../errors.ts';
import { LeakWatch, type Holding } from '../leaks/leak-watch.ts';
import type { PoolStats } from '../statistics/pool-stats.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import { boundedHook, isThenable } from './bounded-hook.ts';
import { Fitness } from './fitness.ts';
import { Inventory } from './inventory.ts';
import { SlotLease, type Lease, type LeaseHost } from './lease.ts';
import { objectPoolSettings, type ObjectPoolOptions, type ObjectPoolSettings } from './options.ts';
import type { Slot } from './slot.ts';
import { leakChannel, POOL_EVENTS, type PoolEvents } from './telemetry.ts';

/** Options of a drain. */
export interface DrainOptions {
  /** How long to wait for what is out; then it is taken away and destroyed. @default '10s' */
  readonly timeout?: Duration | undefined;
}

/** A bounded pool of objects that cost something to make. */
export interface ObjectPool<T> extends Listenable<PoolEvents>, AsyncDisposable {
  readonly name: string;
  /**
   * One that is ready, or that the factory makes at once; a check or a factory that returns a promise cannot serve it.
   * @throws {@link PoolExhaustedError} when there is none, {@link PoolClosedError}, or what the factory throws as the `cause` of a {@link PoolCreateError}
   */
  borrow(): Lease<T>;
  /**
   * One as soon as it is this caller's turn.
   * Rejects with the signal's reason, or a {@link PoolAcquireTimeoutError}, {@link PoolQueueFullError}, {@link PoolClosedError}, or, when there is
   * nothing at all in the pool and a creation fails, with a {@link PoolCreateError}.
   */
  acquire(options?: AcquireOptions): Promise<Lease<T>>;
  /** Runs `fn` on one, and gives it back when that has settled. */
  use<R>(fn: (value: T) => R | PromiseLike<R>, options?: AcquireOptions): Promise<R>;
  /** Creates up to `count` in all, as far as the limit allows. Returns at once; failures are events. @default min */
  warmUp(count?: number): void;
  /** How many may be out at once from now on, from 1 to `max`; what lies ready beyond that is destroyed. */
  setLimit(limit: number): void;
  stats(): PoolStats;
  /** Lets nobody in, sends away who waits, waits for what is out, and destroys everything. Idempotent. */
  drain(options?: DrainOptions): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const parsers = createObjectPool({ name: 'parsers', max: 8, create: () => new Parser(), reset: (one) => one.clear() });
 * const tree = await parsers.use((parser) => parser.parse(text), { timeout: 200 });
 */
export function createObjectPool<T>(options: ObjectPoolOptions<T>): ObjectPool<T> {
  return new SlotPool(objectPoolSettings(options));
}

class SlotPool<T> implements ObjectPool<T>, LeaseHost<T> {
  readonly name: string;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #events = new Emitter<PoolEvents>(POOL_EVENTS);
  readonly #inventory: Inventory<T>;
  readonly #admission: Admission<Slot<T>>;
  readonly #fitness: Fitness<T> | undefined;
  readonly #leaks: LeakWatch | undefined;
  readonly #useTimes: TimingWindow;
  #drained: Promise<void> | undefined;

  constructor(settings: ObjectPoolSettings<T>) {
    const { name, clock, max, leakThreshold, leakStacks } = settings;
    this.name = name;
    this.#settings = settings;
    this.#useTimes = new TimingWindow(clock);
    this.#inventory = new Inventory(settings, this.#events);
    this.#admission = new Admission({ ...settings, limit: max }, this.#inventory);
    this.#inventory.attach(this.#admission);
    if (settings.validate !== undefined) {
      this.#fitness = new Fitness(settings, this.#admission, this.#inventory);
    }
    if (leakThreshold !== Infinity) {
      this.#leaks = new LeakWatch({
        name,
        clock,
        threshold: leakThreshold,
        stacks: leakStacks,
        onLeak: (event) => {
          this.#events.emit('leak', event);
          if (leakChannel.active) leakChannel.publish(event);
        },
        onReturn: (event) => {
          this.#events.emit('leakReturned', event);
        },
      });
    }
    // Not before the caller could add its listeners.
    queueMicrotask(() => {
      this.#inventory.open();
    });
  }

  borrow(): Lease<T> {
    const holding = this.#leaks?.begin();
    let slot = this.#admission.tryAcquire();
    if (slot !== undefined && this.#fitness !== undefined) slot = this.#fitness.fitNow(slot);
    if (slot === undefined && this.#mayMake && this.#inventory.wanted(1)) {
      slot = this.#admission.tryAcquire();
    }
    if (slot !== undefined) return this.#lease(slot, holding);
    this.#admission.rejected++;
    throw new PoolExhaustedError(this.#admission.situation, this.#cause());
  }

  async acquire(options: AcquireOptions = {}): Promise<Lease<T>> {
    const holding = this.#leaks?.begin();
    if (this.#fitness === undefined) {
      return this.#lease(await this.#admission.acquire(options), holding);
    }
    const since = this.#settings.clock.now();
    const slot = await this.#admission.acquire(options);
    return this.#lease(await this.#fitness.fit(slot, since, options), holding);
  }

  async use<R>(fn: (value: T) => R | PromiseLike<R>, options?: AcquireOptions): Promise<R> {
    const lease = await this.acquire(options);
    try {
      return await fn(lease.value);
    } finally {
      lease[Symbol.dispose]();
    }
  }

  warmUp(count: number = this.#settings.min): void {
    const { max } = this.#settings;
    this.#inventory.replenish(checkInteger('warmUp.count', count, { min: 0, max }));
  }

  setLimit(limit: number): void {
    this.#admission.setLimit(checkInteger('limit', limit, { max: this.#settings.max }));
    this.#inventory.trim();
  }

  stats(): PoolStats {
    const { name, min, max, maxIdle } = this.#settings;
    const { limit, active, waiting, acquired, released } = this.#admission;
    const { timeouts, rejected, aborted, acquireTimes } = this.#admission;
    const { idle, createdCount: created, destroyed, errors, creator } = this.#inventory;
    return {
      name,
      min,
      max,
      maxIdle,
      limit,
      total: active + idle,
      active,
      idle,
      connecting: creator.connecting,
      waiting,
      utilization: active / limit,
      acquired,
      released,
      created,
      destroyed: { ...destroyed },
      timeouts,
      rejected,
      aborted,
      errors,
      leaked: this.#leaks?.leaked ?? 0,
      acquireMs: acquireTimes.read(),
      useMs: this.#useTimes.read(),
      connectMs: creator.connectTimes.read(),
    };
  }

  on<Event extends keyof PoolEvents>(
    event: Event,
    listener: (payload: PoolEvents[Event]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  drain({ timeout = '10s' }: DrainOptions = {}): Promise<void> {
    const bound = toMilliseconds('drain.timeout', timeout, { min: 0 });
    this.#drained ??= this.#drain(bound);
    return this.#drained;
  }

  close(): Promise<void> {
    return this.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  takeBack(slot: Slot<T>, holding: Holding | undefined, isFit: boolean): Promise<void> | undefined {
    if (holding !== undefined && this.#leaks !== undefined) {
      this.#useTimes.add(this.#leaks.remove(holding));
    }
    const { reset } = this.#settings;
    if (!isFit) this.#inventory.end(slot, this.#admission.isClosed ? 'closed' : 'discarded');
    else if (reset === undefined) this.#inventory.put(slot);
    else return this.#reset(slot, reset);
    this.#admission.release();
    return undefined;
  }

  #reset(slot: Slot<T>, reset: (value: T) => void | PromiseLike<void>): Promise<void> | undefined {
    const { clock, hookTimeout, name } = this.#settings;
    let failure: { readonly error: unknown } | undefined;
    try {
      const result = reset(slot.value);
      if (result !== undefined && isThenable(result)) {
        return boundedHook(clock, `a reset of the pool "${name}"`, hookTimeout, result).then(
          () => {
            this.#settle(slot, undefined);
          },
          (error: unknown) => {
            this.#settle(slot, { error });
          },
        );
      }
    } catch (error) {
      failure = { error };
    }
    this.#settle(slot, failure);
    return undefined;
  }

  #settle(slot: Slot<T>, failure: { readonly error: unknown } | undefined): void {
    if (failure === undefined) {
      this.#inventory.put(slot);
    } else {
      this.#inventory.report('reset', failure.error);
      this.#inventory.end(slot, 'reset');
    }
    this.#admission.release();
  }

  get #mayMake(): boolean {
    return this.#admission.waiting === 0 && this.#admission.active < this.#admission.limit;
  }

  #cause(): { readonly cause?: unknown } {
    const cause = this.#inventory.trouble();
    return cause === undefined ? {} : { cause };
  }

  #lease(slot: Slot<T>, holding: Holding | undefined): Lease<T> {
    if (holding !== undefined) this.#leaks?.add(holding);
    return new SlotLease(this, slot, holding);
  }

  async #drain(timeout: number): Promise<void> {
    const { clock, hookTimeout } = this.#settings;
    this.#admission.close();
    this.#inventory.close();
    const idle = this.#admission.idle();
    const timer = clock.setTimer(
      () => {
        for (const slot of this.#inventory.slots) slot.holder?.revoke();
      },
      timeout,
      { keepAlive: true },
    );
    // What is being checked, reset or destroyed ends by itself within its time.
    const rest = clock.setTimer(() => undefined, timeout + 2 * hookTimeout, { keepAlive: true });
    await idle;
    timer.cancel();
    await this.#inventory.gone();
    rest.cancel();
    this.#leaks?.close();
  }
}
