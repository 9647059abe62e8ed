import { checkInteger, Emitter, toMilliseconds } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import { Admission } from '../admission/admission.ts';
import type { PoolSettings } from '../configuration/pool-options.ts';
import { PoolExhaustedError } from '../errors.ts';
import { LeakWatch, type Holding } from '../leaks/leak-watch.ts';
import type { PoolStats } from '../statistics/pool-stats.ts';
import { Fitness } from './fitness.ts';
import { Inventory } from './inventory.ts';
import { SlotLease, type Lease } from './lease.ts';
import type { DrainOptions, ObjectPool } from './object-pool.ts';
import type { ObjectPoolSettings } from './options.ts';
import { ReturnDesk } from './return-desk.ts';
import type { Slot } from './slot.ts';
import { leakChannel, POOL_EVENTS, type PoolEvents } from './telemetry.ts';

const NO_OPTIONS: AcquireOptions = {};

/** What `createObjectPool` makes: who may have one is the admission's, what there is the inventory's. */
export class SlotPool<T> implements ObjectPool<T> {
  readonly name: string;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #events = new Emitter<PoolEvents>(POOL_EVENTS);
  readonly #inventory: Inventory<T>;
  readonly #admission: Admission<Slot<T>>;
  readonly #returns: ReturnDesk<T>;
  readonly #fitness: Fitness<T> | undefined;
  readonly #leaks: LeakWatch | undefined;
  #drained: Promise<void> | undefined;

  constructor(settings: ObjectPoolSettings<T>) {
    this.name = settings.name;
    this.#settings = settings;
    this.#inventory = new Inventory(settings, this.#events);
    this.#admission = new Admission({ ...settings, limit: settings.max }, this.#inventory);
    this.#leaks = watchLeaks(settings, this.#events);
    this.#returns = new ReturnDesk(settings, this.#admission, this.#inventory, this.#leaks);
    this.#inventory.attach(this.#admission, this.#returns);
    if (settings.validate !== undefined) {
      this.#fitness = new Fitness(settings, this.#admission, this.#inventory);
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
    if (slot === undefined) slot = this.#makeNow();
    return this.#lease(slot, holding);
  }

  acquire(options: AcquireOptions = NO_OPTIONS): Promise<Lease<T>> {
    const holding = this.#leaks?.begin();
    if (this.#fitness !== undefined) return this.#acquireFit(this.#fitness, options, holding);
    if (holding === undefined && options.signal === undefined) {
      const slot = this.#admission.takeReady();
      if (slot !== undefined) return Promise.resolve(new SlotLease(slot));
    }
    return this.#admission.handOver(
      options,
      holding === undefined ? leaseOf : (slot) => this.#lease(slot, holding),
    );
  }

  async #acquireFit(
    fitness: Fitness<T>,
    options: AcquireOptions,
    holding: Holding | undefined,
  ): Promise<Lease<T>> {
    const since = this.#settings.clock.now();
    const slot = await this.#admission.acquire(options);
    return this.#lease(await fitness.fit(slot, since, options), holding);
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

  lost(value: T): void {
    this.#inventory.lose(value);
  }

  setLimit(limit: number): void {
    this.#admission.setLimit(checkInteger('limit', limit, { max: this.#settings.max }));
    this.#inventory.trim();
  }

  stats(): PoolStats {
    const { name, min, max, maxIdle } = this.#settings;
    const { limit, active, waiting, acquired, released } = this.#admission;
    const { timeouts, rejected, aborted, acquireTimes } = this.#admission;
    const { ready, createdCount: created, endings, creator } = this.#inventory;
    const { destroyed, errors } = endings;
    const idle = ready.length;
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
      useMs: this.#returns.useTimes.read(),
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

  #makeNow(): Slot<T> {
    const { waiting, active, limit } = this.#admission;
    if (waiting === 0 && active < limit && this.#inventory.wanted(1)) {
      const slot = this.#admission.tryAcquire();
      if (slot !== undefined) return slot;
    }
    this.#admission.rejected++;
    const cause = this.#inventory.trouble();
    throw new PoolExhaustedError(this.#admission.situation, cause === undefined ? {} : { cause });
  }

  #lease(slot: Slot<T>, holding: Holding | undefined): Lease<T> {
    if (holding !== undefined) {
      this.#leaks?.add(holding);
      slot.holding = holding;
    }
    return leaseOf(slot);
  }

  async #drain(timeout: number): Promise<void> {
    const { clock, hookTimeout } = this.#settings;
    this.#admission.close();
    this.#inventory.close();
    const idle = this.#admission.idle();
    const timer = clock.setTimer(
      () => {
        for (const slot of this.#inventory.slots) slot.revoke();
      },
      timeout,
      { keepAlive: true },
    );
    // What is being checked, reset or destroyed ends by itself within its time.
    const rest = clock.setTimer(() => undefined, timeout + 2 * hookTimeout, { keepAlive: true });
    await idle;
    timer.cancel();
    await this.#inventory.endings.gone();
    rest.cancel();
    this.#leaks?.close();
  }
}

function leaseOf<T>(slot: Slot<T>): Lease<T> {
  return new SlotLease(slot);
}

function watchLeaks(
  { name, clock, leakThreshold, leakStacks }: PoolSettings,
  events: Emitter<PoolEvents>,
): LeakWatch | undefined {
  if (leakThreshold === Infinity) return undefined;
  return new LeakWatch({
    name,
    clock,
    threshold: leakThreshold,
    stacks: leakStacks,
    onLeak: (event) => {
      events.emit('leak', event);
      if (leakChannel.active) leakChannel.publish(event);
    },
    onReturn: (event) => {
      events.emit('leakReturned', event);
    },
  });
}
