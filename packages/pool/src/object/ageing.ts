import type { Timer } from '@perf/core';
import type { ObjectPoolSettings } from './options.ts';
import type { Slot } from './slot.ts';

const LONGEST_INTERVAL = 30_000;

/** Whose objects grow old. */
export interface AgeingHost<T> {
  readonly slots: ReadonlySet<Slot<T>>;
  /** Those that lie ready, the last used at the end. */
  readonly ready: Slot<T>[];
  end(slot: Slot<T>, reason: 'idle' | 'lifetime'): void;
  /** Some have ended, or have become too old while they are out. */
  swept(): void;
}

/**
 * Finds what is too old, at its time, and what lies unused for too long, up to a quarter late: by one timer, so that nobody has to read a
 * clock when one is taken or comes back. What is taken last was put last; so those at the bottom, as many as there always were since the last sweep, are
 * those that nobody has used.
 */
export class Ageing<T> {
  /** The fewest that lay ready since the last sweep for unused ones; whoever takes one keeps it. */
  untouched = 0;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #host: AgeingHost<T>;
  /** Between two sweeps for unused ones, in milliseconds. */
  readonly #interval: number;
  /** How many of them make the idle timeout. */
  readonly #sweepsToIdle: number;
  #nextSweep = Infinity;
  #armedFor = Infinity;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(settings: ObjectPoolSettings<T>, host: AgeingHost<T>) {
    const { idleTimeout } = settings;
    this.#settings = settings;
    this.#host = host;
    this.#interval = Math.min(LONGEST_INTERVAL, Math.ceil(idleTimeout / 4));
    this.#sweepsToIdle = Math.ceil(idleTimeout / this.#interval);
  }

  open(): void {
    const { clock, idleTimeout } = this.#settings;
    const now = clock.now();
    if (idleTimeout !== Infinity) this.#nextSweep = now + this.#interval;
    this.#arm(now);
  }

  /** One has been created. */
  add({ expiresAt }: Slot<T>, now: number): void {
    if (expiresAt < this.#armedFor) this.#armAt(expiresAt, now);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #arm(now: number): void {
    let due = this.#nextSweep;
    for (const { expiresAt } of this.#host.slots)
      if (expiresAt > now) due = Math.min(due, expiresAt);
    this.#armAt(due, now);
  }

  #armAt(due: number, now: number): void {
    this.#timer?.cancel();
    this.#armedFor = due;
    if (due === Infinity || this.#isClosed) return;
    this.#timer = this.#settings.clock.setTimer(this.#sweep, Math.ceil(due - now));
  }

  readonly #sweep = (): void => {
    const now = this.#settings.clock.now();
    const isIdleSweep = now >= this.#nextSweep;
    if (isIdleSweep) this.#ageUnused();
    for (const slot of this.#host.ready.slice()) {
      if (slot.expiresAt <= now) this.#end(slot, 'lifetime');
      else if (slot.sweeps >= this.#sweepsToIdle && this.#isSpare) this.#end(slot, 'idle');
    }
    if (isIdleSweep) {
      this.untouched = this.#host.ready.length;
      this.#nextSweep = now + this.#interval;
    }
    this.#host.swept();
    this.#arm(now);
  };

  get #isSpare(): boolean {
    return this.#host.slots.size > this.#settings.min;
  }

  #ageUnused(): void {
    for (const [place, slot] of this.#host.ready.entries()) {
      slot.sweeps = place < this.untouched ? slot.sweeps + 1 : 0;
    }
  }

  /** What ends one before may have taken this one, or closed the pool. */
  #end(slot: Slot<T>, reason: 'idle' | 'lifetime'): void {
    const { ready } = this.#host;
    const place = ready.indexOf(slot);
    if (place === -1) return;
    ready.splice(place, 1);
    if (place < this.untouched) this.untouched--;
    this.#host.end(slot, reason);
  }
}
