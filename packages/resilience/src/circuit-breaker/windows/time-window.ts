import type { OutcomeWindow } from './outcome-window.ts';

/**
 * The outcomes of the last milliseconds, in buckets of equal length, with running totals: what is too old leaves a bucket at a time, all of
 * them after a pause as long as the window. No timer, and no cost that grows with the number of calls.
 */
export class TimeWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #calls: Float64Array;
  readonly #failures: Float64Array;
  readonly #slow: Float64Array;
  readonly #count: number;
  readonly #width: number;
  #current = 0;
  /** When the next bucket begins. */
  #until: number;

  /**
   * @param duration milliseconds, at least one for each bucket
   * @param now coarse monotonic milliseconds
   */
  constructor(duration: number, buckets: number, now: number) {
    this.#calls = new Float64Array(buckets);
    this.#failures = new Float64Array(buckets);
    this.#slow = new Float64Array(buckets);
    this.#count = buckets;
    this.#width = duration / buckets;
    this.#until = now + this.#width;
  }

  record(failed: boolean, slow: boolean, now: number): void {
    if (now >= this.#until) this.#rotate(now);
    const at = this.#current;
    (this.#calls[at] as number)++;
    this.calls++;
    if (failed) {
      (this.#failures[at] as number)++;
      this.failures++;
    }
    if (slow) {
      (this.#slow[at] as number)++;
      this.slow++;
    }
  }

  advance(now: number): void {
    if (now >= this.#until) this.#rotate(now);
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#slow.fill(0);
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
  }

  #rotate(now: number): void {
    const steps = Math.floor((now - this.#until) / this.#width) + 1;
    this.#until += steps * this.#width;
    if (steps >= this.#count) {
      this.clear();
      return;
    }
    for (let step = 0; step < steps; step++) {
      this.#current = this.#current + 1 === this.#count ? 0 : this.#current + 1;
      const at = this.#current;
      this.calls -= this.#calls[at] as number;
      this.failures -= this.#failures[at] as number;
      this.slow -= this.#slow[at] as number;
      this.#calls[at] = 0;
      this.#failures[at] = 0;
      this.#slow[at] = 0;
    }
  }
}
