import type { Clock } from '@perf/core';
import { grown } from '../../eviction/slot-words.ts';

/** The largest expiry, in milliseconds since the start, that fits a word (24.8 days). */
const LARGEST_WORD = 2 ** 31 - 1;
/** After so long (12.4 days) the start is moved on, so that lifetimes up to as long fit the word. */
const RESTART_AFTER = 2 ** 30;
/** In place of an expiry: it does not fit the word and stands in a side array. */
const ELSEWHERE = -1;
/** Below this lifetime a clock reading that lags by a turn of the event loop would be noticed. */
const PRECISE_BELOW = 1000;

/** In place of a reading: none was needed so far. */
export const UNREAD = -1;

/**
 * When the entries of a table expire: per slot a word that is 0 for never, or whole milliseconds since a
 * start, by the coarse clock. What does not fit 31 bits (24.8 days) stands in a side array of doubles; so do the periods of entries
 * that slide. Each array is made when it is first needed.
 */
export class Lifetimes {
  readonly #clock: Clock;
  #start: number;
  #capacity: number;
  /** Per slot; `undefined` while no entry could ever expire. */
  expiries: Int32Array | undefined;
  /** How many entries can expire. */
  expiring = 0;
  #elsewhere: Float64Array | undefined;
  /** Per slot: the sliding period, 0 for none. */
  #periods: Float64Array | undefined;
  /** Per slot that slides: the expiry it cannot slide beyond. */
  #limits: Float64Array | undefined;

  constructor(capacity: number, clock: Clock) {
    this.#capacity = capacity;
    this.#clock = clock;
    this.#start = clock.coarse();
  }

  /** Coarse milliseconds since the start. */
  now(): number {
    return this.#clock.coarse() - this.#start;
  }

  /**
   * What a lifetime that begins now is counted from: as {@link now}, but exact where the lifetime is so
   * short that the coarse reading may be older than that.
   */
  reading(ttl: number, slidingTtl: number): number {
    const short =
      (ttl !== 0 && ttl < PRECISE_BELOW) || (slidingTtl !== 0 && slidingTtl < PRECISE_BELOW);
    const now = short ? this.#exact() : this.now();
    return now > RESTART_AFTER ? this.#restart(now) : now;
  }

  /**
   * Sets when the entry, which does not expire so far, does: `ttl` from now, or as soon as it was not
   * read for `slidingTtl`. Both in milliseconds, 0 for never, but one of them not 0.
   * @param now what {@link reading} says
   * @returns the {@link expiries}
   */
  assign(slot: number, ttl: number, slidingTtl: number, now: number): Int32Array {
    this.expiries ??= new Int32Array(this.#capacity);
    this.expiring++;
    if (slidingTtl !== 0) this.#assignSliding(slot, ttl, slidingTtl, now);
    else {
      this.#write(slot, now + ttl);
      if (this.#periods !== undefined) this.#periods[slot] = 0;
    }
    return this.expiries;
  }

  /** The entry no longer expires. */
  cancel(slot: number): void {
    if (this.expiries === undefined || this.expiries[slot] === 0) return;
    this.expiries[slot] = 0;
    this.expiring--;
  }

  /**
   * Whether an entry that can expire is still alive; if so and it slides, its time starts anew.
   * @param expiry the entry's word, which the caller has found not to be 0
   */
  renew(slot: number, expiry: number): boolean {
    const now = this.#clock.coarse() - this.#start;
    if ((expiry > 0 ? expiry : this.#far(slot)) <= now) return false;
    if (this.#periods !== undefined) this.#slide(slot, now);
    return true;
  }

  /** Whether the entry's time is over. */
  isOver(slot: number): boolean {
    const expiry = this.expiries === undefined ? 0 : (this.expiries[slot] as number);
    return expiry !== 0 && (expiry > 0 ? expiry : this.#far(slot)) <= this.now();
  }

  /**
   * As {@link cancel}.
   * @param now what {@link now} says, or {@link UNREAD}
   * @returns whether its time was over
   */
  end(slot: number, now: number): boolean {
    const { expiries } = this;
    if (expiries === undefined) return false;
    const expiry = expiries[slot] as number;
    if (expiry === 0) return false;
    const read = now === UNREAD ? this.now() : now;
    expiries[slot] = 0;
    this.expiring--;
    return (expiry > 0 ? expiry : this.#far(slot)) <= read;
  }

  /**
   * The slot goes to another entry: {@link end} for the one and, unless both are 0, {@link assign} for
   * the other. @returns whether the time of the one was over
   */
  takeOver(slot: number, ttl: number, slidingTtl: number, now: number): boolean {
    const { expiries } = this;
    if (expiries !== undefined && ttl !== 0 && slidingTtl === 0 && this.#periods === undefined) {
      const expiry = expiries[slot] as number;
      const next = now + ttl;
      if (expiry > 0 && next > 0 && next <= LARGEST_WORD) {
        expiries[slot] = next;
        return expiry <= now;
      }
    }
    const over = this.end(slot, now);
    if (ttl !== 0 || slidingTtl !== 0) this.assign(slot, ttl, slidingTtl, now);
    return over;
  }

  /**
   * Begins the entry's lifetime anew in the ordinary case: it is alive, and neither it nor any other
   * entry slides. @returns false in any other case, in which nothing changes
   */
  extend(slot: number, ttl: number): boolean {
    const { expiries } = this;
    if (expiries === undefined || this.#periods !== undefined) return false;
    let now: number;
    try {
      now = this.reading(ttl, 0);
    } catch {
      return false;
    }
    const expiry = expiries[slot] as number;
    const next = now + ttl;
    if (expiry <= 0 || expiry <= now || next <= 0 || next > LARGEST_WORD) return false;
    expiries[slot] = next;
    return true;
  }

  /** When the entry expires, in the terms of {@link now}; `Infinity` for never. */
  expiryOf(slot: number): number {
    const expiry = this.expiries?.[slot] ?? 0;
    if (expiry === 0) return Infinity;
    return expiry > 0 ? expiry : this.#far(slot);
  }

  /** When the entry expires, by the coarse clock; `Infinity` for never. */
  dueOf(slot: number): number {
    return this.#start + this.expiryOf(slot);
  }

  /** Gives an entry of another table, which does not expire so far, the lifetime of one here. */
  handOver(slot: number, to: Lifetimes, target: number): void {
    const expiry = this.expiryOf(slot);
    if (expiry === Infinity) return;
    const later = this.#start - to.#start;
    to.expiries ??= new Int32Array(to.#capacity);
    to.expiring++;
    to.#write(target, expiry + later);
    const period = this.#periods?.[slot] ?? 0;
    if (period !== 0 || to.#periods !== undefined) {
      to.#periods ??= new Float64Array(to.#capacity);
      to.#limits ??= new Float64Array(to.#capacity);
      to.#periods[target] = period;
      to.#limits[target] = (this.#limits?.[slot] ?? Infinity) + later;
    }
  }

  /** Adapts to a table that has grown. */
  grow(capacity: number): void {
    this.#capacity = capacity;
    this.expiries &&= grown(this.expiries, capacity);
    this.#elsewhere &&= grown(this.#elsewhere, capacity);
    this.#periods &&= grown(this.#periods, capacity);
    this.#limits &&= grown(this.#limits, capacity);
  }

  /** The table was emptied, and has so many slots now. */
  clear(capacity: number): void {
    this.#capacity = capacity;
    this.expiring = 0;
    this.expiries = undefined;
    this.#elsewhere = undefined;
    this.#periods = undefined;
    this.#limits = undefined;
  }

  /** Counts from now on, as 1; what was over is over at 1. @returns 1 */
  #restart(now: number): number {
    const passed = now - 1;
    this.#start += passed;
    const { expiries } = this;
    if (expiries === undefined) return 1;
    for (let slot = 0; slot < expiries.length; slot++) {
      const expiry = expiries[slot] as number;
      if (expiry === 0) continue;
      this.#write(slot, Math.max(1, (expiry > 0 ? expiry : this.#far(slot)) - passed));
      if (this.#limits !== undefined) this.#limits[slot] = (this.#limits[slot] as number) - passed;
    }
    return 1;
  }

  #far(slot: number): number {
    return this.#elsewhere?.[slot] ?? Infinity;
  }

  #exact(): number {
    return Math.ceil(this.#clock.now()) - this.#start;
  }

  #write(slot: number, expiry: number): void {
    const expiries = this.expiries as Int32Array;
    if (expiry > 0 && expiry <= LARGEST_WORD) {
      expiries[slot] = expiry;
      return;
    }
    expiries[slot] = ELSEWHERE;
    this.#elsewhere ??= new Float64Array(this.#capacity);
    // What a broken clock says must not keep an entry for ever.
    this.#elsewhere[slot] = Number.isNaN(expiry) ? -Infinity : expiry;
  }

  #assignSliding(slot: number, ttl: number, period: number, now: number): void {
    this.#periods ??= new Float64Array(this.#capacity);
    this.#limits ??= new Float64Array(this.#capacity);
    this.#periods[slot] = period;
    this.#limits[slot] = ttl === 0 ? Infinity : now + ttl;
    this.#write(slot, now + (ttl === 0 ? period : Math.min(ttl, period)));
  }

  #slide(slot: number, coarse: number): void {
    const period = this.#periods?.[slot] as number;
    if (period === 0) return;
    const limit = this.#limits?.[slot] as number;
    const now = period < PRECISE_BELOW ? this.#exact() : coarse;
    this.#write(slot, Math.min(now + period, limit));
  }
}
