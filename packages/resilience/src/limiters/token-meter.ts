import { decisionOf } from './decision.ts';
import type { Meter } from './meter.ts';
import type { RateSettings } from './options.ts';
import type { Decision } from './rate-limiter.ts';

/** Of what has come as a whole: rounding takes a few parts in 2⁵³, and is not held against anybody. */
const ROUNDED = 1 + 1e-15;
/** In tokens: what remains as a whole number is one, though rounding took a little of it. */
const SLACK = 1e-9;

/**
 * A token bucket as a virtual schedule (the generic cell rate algorithm of ITU-T I.371): of each slot only one number is
 * kept, how many tokens will have come since the start when its bucket is full again. Counted in tokens rather than in
 * time, so that whole costs add up without rounding.
 */
export class TokenMeter implements Meter {
  readonly limit: number;
  readonly #rate: number;
  /** How long one token takes to come back, in milliseconds. */
  readonly #span: number;
  readonly #start: number;
  #full: Float64Array = new Float64Array(0);

  constructor({ rate, burst }: RateSettings, start: number) {
    this.limit = burst;
    this.#rate = rate;
    this.#span = 1 / rate;
    this.#start = start;
  }

  resize(capacity: number): void {
    const larger = new Float64Array(capacity);
    larger.set(this.#full);
    this.#full = larger;
  }

  take(slot: number, cost: number, now: number): boolean {
    const come = (now - this.#start) * this.#rate;
    const full = this.#full[slot] as number;
    const next = (full > come ? full : come) + cost;
    // What is no number is not at most the limit.
    if (next <= (come + this.limit) * ROUNDED && cost >= 0) {
      this.#full[slot] = next;
      return true;
    }
    return false;
  }

  /** One literal for each case: with a field that is one thing or another the optimizer has to make the object. */
  admission(slot: number, now: number): Decision {
    const { limit } = this;
    const used = (this.#full[slot] as number) - (now - this.#start) * this.#rate;
    return used > 0
      ? decisionOf(true, limit, Math.floor(limit - used + SLACK), 0, Math.ceil(used * this.#span))
      : decisionOf(true, limit, Math.floor(limit), 0, 0);
  }

  used(slot: number, now: number): number {
    return Math.max(0, (this.#full[slot] as number) - this.#come(now));
  }

  delay(slot: number, cost: number, ahead: number, now: number): number {
    if (!(cost <= this.limit)) return Infinity;
    const come = this.#come(now);
    const next = Math.max(this.#full[slot] as number, come) + ahead + cost;
    if (this.#fits(next, now)) return 0;
    const delay = Math.ceil((next - this.limit - come) / this.#rate);
    // Rounded the wrong way.
    if (!this.#fits(next, now + delay)) return delay + 1;
    return this.#fits(next, now + delay - 1) ? delay - 1 : delay;
  }

  idleAfter(slot: number, now: number): number {
    const missing = (this.#full[slot] as number) - this.#come(now);
    return missing <= 0 ? 0 : Math.ceil(missing / this.#rate);
  }

  isIdle(slot: number, now: number): boolean {
    return (this.#full[slot] as number) <= this.#come(now);
  }

  add(slot: number, cost: number, now: number): void {
    this.#full[slot] = Math.max(this.#full[slot] as number, this.#come(now)) + cost;
  }

  /** Afterwards the bucket is empty. */
  block(slot: number, duration: number, now: number): void {
    const empty = this.#come(now + duration) + this.limit;
    this.#full[slot] = Math.max(this.#full[slot] as number, empty);
  }

  clear(slot: number): void {
    this.#full[slot] = 0;
  }

  copy(from: number, to: number): void {
    this.#full[to] = this.#full[from] as number;
  }

  #come(now: number): number {
    return (now - this.#start) * this.#rate;
  }

  #fits(next: number, now: number): boolean {
    return next <= (this.#come(now) + this.limit) * ROUNDED;
  }
}
