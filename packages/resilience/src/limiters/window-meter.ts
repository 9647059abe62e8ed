import { decisionOf } from './decision.ts';
import type { Meter } from './meter.ts';
import type { Decision } from './rate-limiter.ts';

/** What is left of fractions that were added and subtracted is less. */
const NOTHING = 1e-9;

/**
 * A sliding window that is counted in parts. What was taken counts from its part on for as many parts as the window
 * has, and one more, since it may have been taken at the end of its own: never shorter than the window.
 */
export class WindowMeter implements Meter {
  readonly limit: number;
  readonly #start: number;
  /** How long a part is, in milliseconds. */
  readonly #width: number;
  /** How many parts are kept. */
  readonly #parts: number;
  /** What was taken in each part, as a ring for each slot. */
  #counts: Float64Array = new Float64Array(0);
  #totals: Float64Array = new Float64Array(0);
  /** The number of the newest part. */
  #newest: Float64Array = new Float64Array(0);
  #blockedUntil: Float64Array = new Float64Array(0);

  constructor(limit: number, window: number, precision: number, start: number) {
    this.limit = limit;
    this.#width = window / precision;
    this.#parts = precision + 1;
    this.#start = start;
  }

  resize(capacity: number): void {
    this.#counts = enlarged(this.#counts, capacity * this.#parts);
    this.#totals = enlarged(this.#totals, capacity);
    this.#newest = enlarged(this.#newest, capacity);
    this.#blockedUntil = enlarged(this.#blockedUntil, capacity);
  }

  take(slot: number, cost: number, now: number): boolean {
    this.#advance(slot, now);
    const total = (this.#totals[slot] as number) + cost;
    // What is no number is not at most the limit.
    if (total <= this.limit && cost >= 0 && now - this.#start >= this.#blocked(slot)) {
      this.#count(slot, cost);
      return true;
    }
    return false;
  }

  admission(slot: number, now: number): Decision {
    const total = this.#totals[slot] as number;
    // What was just taken leaves last.
    const end = (this.#newest[slot] as number) + this.#parts;
    const resetAfter = total === 0 ? 0 : this.#until(end, now);
    return decisionOf(true, this.limit, Math.floor(this.limit - total), 0, resetAfter);
  }

  used(slot: number, now: number): number {
    this.#advance(slot, now);
    const total = this.#totals[slot] as number;
    return now - this.#start < this.#blocked(slot) ? Math.max(total, this.limit) : total;
  }

  delay(slot: number, cost: number, _ahead: number, now: number): number {
    if (!(cost <= this.limit)) return Infinity;
    this.#advance(slot, now);
    const blocked = this.#blocked(slot) - (now - this.#start);
    const freed = this.#freedAfter(slot, (this.#totals[slot] as number) + cost - this.limit, now);
    return Math.ceil(Math.max(blocked, freed, 0));
  }

  idleAfter(slot: number, now: number): number {
    this.#advance(slot, now);
    const blocked = this.#blocked(slot) - (now - this.#start);
    const freed = this.#freedAfter(slot, this.#totals[slot] as number, now);
    return Math.ceil(Math.max(blocked, freed, 0));
  }

  isIdle(slot: number, now: number): boolean {
    this.#advance(slot, now);
    return this.#totals[slot] === 0 && now - this.#start >= this.#blocked(slot);
  }

  add(slot: number, cost: number, now: number): void {
    this.#advance(slot, now);
    if (cost >= 0) this.#count(slot, cost);
    else this.#giveBack(slot, -cost);
  }

  block(slot: number, duration: number, now: number): void {
    this.#advance(slot, now);
    this.#blockedUntil[slot] = Math.max(this.#blocked(slot), now - this.#start + duration);
  }

  clear(slot: number): void {
    this.#counts.fill(0, slot * this.#parts, (slot + 1) * this.#parts);
    this.#totals[slot] = 0;
    this.#blockedUntil[slot] = 0;
  }

  copy(from: number, to: number): void {
    const parts = this.#parts;
    this.#counts.copyWithin(to * parts, from * parts, (from + 1) * parts);
    for (const array of [this.#totals, this.#newest, this.#blockedUntil]) {
      array[to] = array[from] as number;
    }
  }

  #blocked(slot: number): number {
    return this.#blockedUntil[slot] as number;
  }

  /** Forgets the parts that have left the window. */
  #advance(slot: number, now: number): void {
    const part = this.#partAt(now);
    const newest = this.#newest[slot] as number;
    if (part <= newest) return;
    this.#newest[slot] = part;
    if (this.#totals[slot] === 0) return;
    if (part - newest >= this.#parts) {
      this.#counts.fill(0, slot * this.#parts, (slot + 1) * this.#parts);
      this.#totals[slot] = 0;
      return;
    }
    for (let one = newest + 1; one <= part; one++) this.#uncount(slot, one, Infinity);
  }

  #count(slot: number, cost: number): void {
    const place = this.#placeOf(slot, this.#newest[slot] as number);
    this.#counts[place] = (this.#counts[place] as number) + cost;
    this.#totals[slot] = (this.#totals[slot] as number) + cost;
  }

  /** The newest first: what is older leaves by itself sooner. */
  #giveBack(slot: number, cost: number): void {
    const newest = this.#newest[slot] as number;
    let left = cost;
    for (let part = newest; part > newest - this.#parts && left > 0; part--) {
      left -= this.#uncount(slot, part, left);
    }
  }

  /** @returns how much of `most` there was in the part */
  #uncount(slot: number, part: number, most: number): number {
    const place = this.#placeOf(slot, part);
    const taken = Math.min(this.#counts[place] as number, most);
    const total = (this.#totals[slot] as number) - taken;
    this.#counts[place] = (this.#counts[place] as number) - taken;
    this.#totals[slot] = total < NOTHING ? 0 : total;
    return taken;
  }

  /** Milliseconds until `cost` of what counts has left. */
  #freedAfter(slot: number, cost: number, now: number): number {
    if (cost <= 0) return 0;
    const newest = this.#newest[slot] as number;
    let left = cost;
    let part = newest - this.#parts + 1;
    for (; part < newest; part++) {
      left -= this.#counts[this.#placeOf(slot, part)] as number;
      if (left <= NOTHING) break;
    }
    return this.#until(part + this.#parts, now);
  }

  /** Milliseconds, in whole ones, until a part begins. */
  #until(part: number, now: number): number {
    const delay = Math.ceil(part * this.#width - (now - this.#start));
    // Rounded the wrong way.
    return this.#partAt(now + delay) < part ? delay + 1 : delay;
  }

  #partAt(now: number): number {
    return Math.floor((now - this.#start) / this.#width);
  }

  #placeOf(slot: number, part: number): number {
    const place = part % this.#parts;
    return slot * this.#parts + (place < 0 ? place + this.#parts : place);
  }
}

function enlarged(array: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
