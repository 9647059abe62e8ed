import type { Emitter } from '@perf/core';
import type { Admission, Supply } from '../admission/admission.ts';
import { PoolClosedError, type PoolCreateError } from '../errors.ts';
import type { DestroyReason } from '../statistics/pool-stats.ts';
import { Ageing, type AgeingHost } from './ageing.ts';
import { Creator, type CreatorHost } from './creator.ts';
import { Endings } from './endings.ts';
import type { ObjectPoolSettings } from './options.ts';
import { Slot, type SlotHost } from './slot.ts';
import type { PoolErrorEvent, PoolEvents } from './telemetry.ts';

/** The objects there are: those that lie ready, the last used first, and how they come and go. */
export class Inventory<T> implements Supply<Slot<T>>, CreatorHost<T>, AgeingHost<T> {
  readonly creator: Creator<T>;
  readonly slots: Set<Slot<T>> = new Set();
  /** Those that lie ready, the last used at the end. */
  readonly ready: Slot<T>[] = [];
  readonly endings: Endings<T>;
  createdCount = 0;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #events: Emitter<PoolEvents>;
  readonly #ageing: Ageing<T>;
  /** Whether whatever comes back is kept, and nobody asks when it came. */
  #keepsAll = false;
  #admission: Admission<Slot<T>> | undefined;
  #host: SlotHost<T> | undefined;
  /** Creations that failed while there was nothing, and whose callers still wait for others. */
  #failed = 0;
  #isClosed = false;

  constructor(settings: ObjectPoolSettings<T>, events: Emitter<PoolEvents>) {
    this.#settings = settings;
    this.#events = events;
    this.creator = new Creator(settings, this);
    this.endings = new Endings(settings, events, () => {
      this.mayRetry();
    });
    this.#ageing = new Ageing(settings, this);
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
    this.#ageing.open();
  }

  take(): Slot<T> | undefined {
    const { ready } = this;
    const slot = ready.pop();
    if (ready.length < this.#ageing.untouched) this.#ageing.untouched = ready.length;
    return slot;
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
    if (this.#keepsAll && !slot.isLost) this.ready.push(slot);
    else this.#putOrEnd(slot);
  }

  /** One has ended by itself: it goes at once, or when it is given back. */
  lose(value: T): void {
    for (const slot of this.slots) {
      if (slot.value !== value) continue;
      slot.isLost = true;
      const place = this.ready.indexOf(slot);
      if (place < 0) return;
      this.ready.splice(place, 1);
      if (place < this.#ageing.untouched) this.#ageing.untouched--;
      this.end(slot, 'lost');
      return;
    }
  }

  /** Destroys one, which is in nobody's hand. */
  end(slot: Slot<T>, reason: DestroyReason): void {
    if (!this.slots.delete(slot)) return;
    this.endings.destroy(slot.value, reason);
    this.#review();
    if (this.slots.size < this.#settings.min) this.replenish();
  }

  /** Creates what is missing to `count`, or to `min`. */
  replenish(count: number = this.#settings.min): void {
    const wanted = Math.min(count, this.#admission?.limit ?? 0);
    while (this.slots.size + this.creator.connecting < wanted && this.#mayCreate) {
      this.creator.start();
    }
  }

  /** The limit may have changed: destroys what lies ready beyond it. */
  trim(): void {
    const admission = this.#admission;
    if (admission === undefined) return;
    this.#review();
    while (this.ready.length > 0 && admission.active + this.ready.length > admission.limit) {
      const oldest = this.ready.shift();
      if (this.#ageing.untouched > 0) this.#ageing.untouched--;
      if (oldest !== undefined) this.end(oldest, 'surplus');
    }
  }

  /** Destroys all that lies ready, and lets nothing more be created. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#keepsAll = false;
    this.#ageing.close();
    this.creator.close(new PoolClosedError(this.#settings.name));
    for (const slot of this.ready.splice(0)) this.end(slot, 'closed');
  }

  report(during: PoolErrorEvent['during'], error: unknown): void {
    this.endings.report(during, error);
  }

  swept(): void {
    this.#review();
    this.replenish();
  }

  created(value: T, isImmediate: boolean): void {
    const { clock, maxLifetime, lifetimeJitter, random, name } = this.#settings;
    if (this.#host === undefined) return;
    const now = clock.now();
    const expiresAt = now + maxLifetime * (1 - lifetimeJitter * random());
    this.createdCount++;
    this.#failed = 0;
    const slot = new Slot(this.#host, value, expiresAt, now);
    this.slots.add(slot);
    this.ready.push(slot);
    this.#ageing.add(slot, now);
    this.#review();
    if (this.#events.has('created')) this.#events.emit('created', { pool: name });
    if (isImmediate) return;
    this.#admission?.pump();
    this.trim();
  }

  failed(error: PoolCreateError, isImmediate: boolean): void {
    this.report('create', error);
    this.#reject(error);
    if (!isImmediate) this.#admission?.pump();
  }

  createdLate(value: T): void {
    this.createdCount++;
    this.endings.destroy(value, this.#isClosed ? 'closed' : 'late');
  }

  mayRetry(): void {
    this.#admission?.pump();
    this.replenish();
  }

  /** A caller for each failure; but whoever could still be served by what is out, or is being created, goes on waiting. */
  #reject(error: PoolCreateError): void {
    this.#failed = this.slots.size === 0 ? this.#failed + 1 : 0;
    if (this.creator.connecting > 0) return;
    for (; this.#failed > 0; this.#failed--) this.#admission?.rejectNext(error);
  }

  get #mayCreate(): boolean {
    const existing = this.slots.size + this.creator.connecting + this.endings.size;
    return !this.#isClosed && existing < this.#settings.max && this.creator.isReady;
  }

  #putOrEnd(slot: Slot<T>): void {
    const { clock, maxIdle } = this.#settings;
    const admission = this.#admission;
    const now = clock.coarse();
    if (this.#isClosed) this.end(slot, 'closed');
    else if (slot.isLost) this.end(slot, 'lost');
    else if (admission === undefined) return;
    else if (slot.expiresAt <= now) this.end(slot, 'lifetime');
    else if (
      (this.ready.length >= maxIdle && admission.waiting === 0) ||
      admission.active + this.ready.length > admission.limit
    ) {
      this.end(slot, 'surplus');
    } else {
      slot.idleSince = now;
      this.ready.push(slot);
    }
  }

  /** Whether {@link put} has anything to look at, which may change whenever one comes, ends or grows old, and with the limit. */
  #review(): void {
    const { clock, max, maxIdle, validate } = this.#settings;
    const { slots } = this;
    this.#keepsAll = false;
    if (this.#isClosed || maxIdle < max || validate !== undefined) return;
    if (slots.size > (this.#admission?.limit ?? 0)) return;
    const now = clock.coarse();
    for (const { expiresAt } of slots) if (expiresAt <= now) return;
    this.#keepsAll = true;
  }
}
