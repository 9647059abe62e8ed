import type { Emitter, Timer } from '@perf/core';
import type { Admission, Supply } from '../admission/admission.ts';
import { PoolClosedError, type PoolCreateError } from '../errors.ts';
import type { DestroyReason } from '../statistics/pool-stats.ts';
import { boundedHook, isThenable } from './bounded-hook.ts';
import { Creator, type CreatorHost } from './creator.ts';
import type { ObjectPoolSettings } from './options.ts';
import { Slot, type SlotHost } from './slot.ts';
import { errorChannel, type PoolErrorEvent, type PoolEvents } from './telemetry.ts';

const LONGEST_SWEEP = 30_000;

/** The objects there are: those that lie ready, the last used first, and how they come and go. */
export class Inventory<T> implements Supply<Slot<T>>, CreatorHost<T> {
  readonly creator: Creator<T>;
  readonly slots: Set<Slot<T>> = new Set();
  readonly destroyed: Record<DestroyReason, number> = {
    idle: 0,
    lifetime: 0,
    surplus: 0,
    invalid: 0,
    reset: 0,
    discarded: 0,
    closed: 0,
    late: 0,
  };
  createdCount = 0;
  errors = 0;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #events: Emitter<PoolEvents>;
  /** Those used last are at the end. */
  readonly #idle: Slot<T>[] = [];
  readonly #ending = new Set<Promise<void>>();
  readonly #sweepInterval: number;
  readonly #maxIdle: number;
  /** Whether anybody asks since when one lies unused. */
  readonly #isDated: boolean;
  #admission: Admission<Slot<T>> | undefined;
  #host: SlotHost<T> | undefined;
  #sweeper: Timer | undefined;
  #isClosed = false;

  constructor(settings: ObjectPoolSettings<T>, events: Emitter<PoolEvents>) {
    this.#settings = settings;
    this.#events = events;
    this.#maxIdle = settings.maxIdle;
    this.#isDated = settings.idleTimeout !== Infinity || settings.validate !== undefined;
    this.creator = new Creator(settings, this);
    const shortest = Math.min(settings.idleTimeout, settings.maxLifetime);
    this.#sweepInterval =
      shortest === Infinity ? Infinity : Math.min(LONGEST_SWEEP, Math.ceil(shortest / 4));
  }

  /** Names who lets in and who takes back, before anything else. */
  attach(admission: Admission<Slot<T>>, host: SlotHost<T>): void {
    this.#admission = admission;
    this.#host = host;
  }

  /** Begins to keep `min` of them ready. */
  open(): void {
    if (this.#isClosed) return;
    this.replenish();
    this.#armSweeper();
  }

  get idle(): number {
    return this.#idle.length;
  }

  take(): Slot<T> | undefined {
    for (;;) {
      const slot = this.#idle.pop();
      if (slot === undefined || slot.expiresAt === Infinity) return slot;
      if (slot.expiresAt > this.#settings.clock.coarse()) return slot;
      this.end(slot, 'lifetime');
    }
  }

  wanted(count: number): boolean {
    this.creator.keepAlive(this.#admission !== undefined && this.#admission.waiting > 0);
    for (let missing = count - this.creator.connecting; missing > 0; missing--) {
      if (!this.#mayCreate) return false;
      if (this.creator.start()) return true;
    }
    return false;
  }

  unwanted(): void {
    this.creator.keepAlive(false);
  }

  trouble(): unknown {
    return this.creator.lastError;
  }

  /** Takes back one that is fit for the next. It is still counted as out. */
  put(slot: Slot<T>): void {
    const admission = this.#admission;
    if (this.#isClosed) this.end(slot, 'closed');
    else if (admission === undefined) return;
    else if (
      (this.#idle.length >= this.#maxIdle && admission.waiting === 0) ||
      admission.active + this.#idle.length > admission.limit
    ) {
      this.end(slot, 'surplus');
    } else {
      if (this.#isDated) slot.idleSince = this.#settings.clock.coarse();
      this.#idle.push(slot);
    }
  }

  /** Destroys one, which is in nobody's hand. */
  end(slot: Slot<T>, reason: DestroyReason): void {
    if (!this.slots.delete(slot)) return;
    this.#destroy(slot.value, reason);
    if (this.slots.size < this.#settings.min) this.replenish();
  }

  /** Creates what is missing to `count`, or to `min`. */
  replenish(count: number = this.#settings.min): void {
    const wanted = Math.min(count, this.#admission?.limit ?? 0);
    while (this.slots.size + this.creator.connecting < wanted && this.#mayCreate) {
      this.creator.start();
    }
  }

  /** Destroys what lies ready beyond the limit. */
  trim(): void {
    const admission = this.#admission;
    if (admission === undefined) return;
    while (this.#idle.length > 0 && admission.active + this.#idle.length > admission.limit) {
      const oldest = this.#idle.shift();
      if (oldest !== undefined) this.end(oldest, 'surplus');
    }
  }

  /** Destroys all that lies ready, and lets nothing more be created. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sweeper?.cancel();
    this.creator.close(new PoolClosedError(this.#settings.name));
    for (const slot of this.#idle.splice(0)) this.end(slot, 'closed');
  }

  /** Resolves when what is being destroyed is gone. */
  async gone(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  report(during: PoolErrorEvent['during'], error: unknown): void {
    this.errors++;
    const event = { pool: this.#settings.name, during, error };
    this.#events.emit('error', event);
    if (errorChannel.active) errorChannel.publish(event);
  }

  created(value: T, isImmediate: boolean): void {
    const { clock, maxLifetime, lifetimeJitter, random, name } = this.#settings;
    if (this.#host === undefined) return;
    const now = clock.now();
    const expiresAt = now + maxLifetime * (1 - lifetimeJitter * random());
    this.createdCount++;
    const slot = new Slot(this.#host, value, expiresAt, now);
    this.slots.add(slot);
    this.#idle.push(slot);
    if (this.#events.has('created')) this.#events.emit('created', { pool: name });
    if (isImmediate) return;
    this.#admission?.pump();
    this.trim();
  }

  failed(error: PoolCreateError, isImmediate: boolean): void {
    this.report('create', error);
    // Whoever could still be served by what is out goes on waiting.
    if (this.slots.size === 0) this.#admission?.rejectNext(error);
    if (!isImmediate) this.#admission?.pump();
  }

  createdLate(value: T): void {
    this.createdCount++;
    this.#destroy(value, this.#isClosed ? 'closed' : 'late');
  }

  mayRetry(): void {
    this.#admission?.pump();
    this.replenish();
  }

  get #mayCreate(): boolean {
    const existing = this.slots.size + this.creator.connecting + this.#ending.size;
    return !this.#isClosed && existing < this.#settings.max && this.creator.isReady;
  }

  #destroy(value: T, reason: DestroyReason): void {
    const { clock, destroy, hookTimeout, name } = this.#settings;
    this.destroyed[reason]++;
    if (this.#events.has('destroyed')) this.#events.emit('destroyed', { pool: name, reason });
    if (destroy === undefined) return;
    try {
      const result = destroy(value);
      if (result === undefined || !isThenable(result)) return;
      const ending = boundedHook(clock, `a destruction of the pool "${name}"`, hookTimeout, result)
        .catch((error: unknown) => {
          this.report('destroy', error);
        })
        .then(() => {
          this.#ending.delete(ending);
          this.#admission?.pump();
          this.replenish();
        });
      this.#ending.add(ending);
    } catch (error) {
      this.report('destroy', error);
    }
  }

  #armSweeper(): void {
    if (this.#sweepInterval === Infinity) return;
    this.#sweeper = this.#settings.clock.setTimer(this.#sweep, this.#sweepInterval);
  }

  readonly #sweep = (): void => {
    const { clock, idleTimeout, min } = this.#settings;
    const now = clock.now();
    for (const slot of this.#idle.splice(0)) {
      if (slot.expiresAt <= now) this.end(slot, 'lifetime');
      else if (now - slot.idleSince >= idleTimeout && this.slots.size > min) this.end(slot, 'idle');
      else this.#idle.push(slot);
    }
    this.replenish();
    this.#armSweeper();
  };
}
