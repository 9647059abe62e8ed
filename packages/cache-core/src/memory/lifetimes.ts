import type { Clock } from '@perf/core';

/** The largest expiry, in milliseconds since the start, that a record's word holds (24.8 days). */
const LARGEST_WORD = 2 ** 31 - 1;
/** In a record: the expiry does not fit the word and stands in a side array. */
const ELSEWHERE = -1;
/** Below this lifetime a clock reading that lags by a turn of the event loop would be noticed. */
const PRECISE_BELOW = 1000;

/** In place of a reading: none was needed so far. */
export const UNREAD = -1;

/** The part of an entry table that lifetimes need. */
interface ExpiryTable {
  readonly records: Int32Array;
  readonly capacity: number;
}

/**
 * When the entries of a table expire. A record's word `expiry` is 0 for never, or whole milliseconds
 * since this object was made, by the coarse clock. What does not fit 31 bits (in a process older
 * than 24.8 days, or by a very long lifetime) stands in a side array of doubles made when first
 * needed; so do the periods of entries that slide.
 */
export class Lifetimes {
  readonly #table: ExpiryTable;
  readonly #clock: Clock;
  readonly #start: number;
  /** How many entries can expire. */
  expiring = 0;
  #elsewhere: Float64Array | undefined;
  /** Per slot: the sliding period, 0 for none. */
  #periods: Float64Array | undefined;
  /** Per slot that slides: the expiry it cannot slide beyond. */
  #limits: Float64Array | undefined;

  constructor(table: ExpiryTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
    this.#start = clock.coarse();
  }

  /** Coarse milliseconds since the start. */
  now(): number {
    return this.#clock.coarse() - this.#start;
  }

  /**
   * Sets when the entry, which does not expire so far, does: `ttl` from now, or as soon as it was not
   * read for `slidingTtl`. Both in milliseconds, 0 for never, but one of them not 0.
   * @param now what {@link now} says
   */
  assign(slot: number, ttl: number, slidingTtl: number, now: number): void {
    this.expiring++;
    if (slidingTtl !== 0) {
      this.#assignSliding(slot, ttl, slidingTtl, now);
      return;
    }
    this.#write(slot, (ttl < PRECISE_BELOW ? this.#exact() : now) + ttl);
    if (this.#periods !== undefined) this.#periods[slot] = 0;
  }

  /** The entry no longer expires. */
  cancel(slot: number): void {
    const at = (slot << 2) + 3;
    if (this.#table.records[at] === 0) return;
    this.#table.records[at] = 0;
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
    const expiry = this.#table.records[(slot << 2) + 3] as number;
    return expiry !== 0 && (expiry > 0 ? expiry : this.#far(slot)) <= this.now();
  }

  /**
   * As {@link cancel} for an entry that can expire.
   * @param now what {@link now} says, or {@link UNREAD}
   * @returns whether its time was over
   */
  end(slot: number, now: number): boolean {
    const at = (slot << 2) + 3;
    const { records } = this.#table;
    const expiry = records[at] as number;
    records[at] = 0;
    this.expiring--;
    return (expiry > 0 ? expiry : this.#far(slot)) <= (now === UNREAD ? this.now() : now);
  }

  /** When the entry expires, in the terms of {@link now}; `Infinity` for never. */
  expiryOf(slot: number): number {
    const expiry = this.#table.records[(slot << 2) + 3] as number;
    if (expiry === 0) return Infinity;
    return expiry > 0 ? expiry : this.#far(slot);
  }

  /** Adapts the side arrays to a table that has grown. */
  grow(capacity: number): void {
    this.#elsewhere = extended(this.#elsewhere, capacity);
    this.#periods = extended(this.#periods, capacity);
    this.#limits = extended(this.#limits, capacity);
  }

  /** The table was emptied. */
  clear(): void {
    this.expiring = 0;
    this.#elsewhere = undefined;
    this.#periods = undefined;
    this.#limits = undefined;
  }

  #far(slot: number): number {
    return this.#elsewhere?.[slot] ?? Infinity;
  }

  /**
   * What short lifetimes are counted from: the coarse reading may be older than they are long.
   */
  #exact(): number {
    return Math.ceil(this.#clock.now()) - this.#start;
  }

  #write(slot: number, expiry: number): void {
    const at = (slot << 2) + 3;
    if (expiry > 0 && expiry <= LARGEST_WORD) {
      this.#table.records[at] = expiry;
      return;
    }
    this.#table.records[at] = ELSEWHERE;
    this.#elsewhere ??= new Float64Array(this.#table.capacity);
    this.#elsewhere[slot] = expiry;
  }

  #assignSliding(slot: number, ttl: number, period: number, coarse: number): void {
    this.#periods ??= new Float64Array(this.#table.capacity);
    this.#limits ??= new Float64Array(this.#table.capacity);
    const lifetime = ttl === 0 ? period : Math.min(ttl, period);
    const now = lifetime < PRECISE_BELOW ? this.#exact() : coarse;
    this.#periods[slot] = period;
    this.#limits[slot] = ttl === 0 ? Infinity : now + ttl;
    this.#write(slot, now + lifetime);
  }

  #slide(slot: number, coarse: number): void {
    const period = this.#periods?.[slot] as number;
    if (period === 0) return;
    const limit = this.#limits?.[slot] as number;
    const now = period < PRECISE_BELOW ? this.#exact() : coarse;
    this.#write(slot, Math.min(now + period, limit));
  }
}

function extended(from: Float64Array | undefined, length: number): Float64Array | undefined {
  if (from === undefined) return undefined;
  const to = new Float64Array(length);
  to.set(from);
  return to;
}
