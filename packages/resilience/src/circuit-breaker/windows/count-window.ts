import type { OutcomeWindow } from './outcome-window.ts';

const FAILED = 1;
const SLOW = 2;

/** The last so many outcomes, a byte each. */
export class CountWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #outcomes: Uint8Array;
  #oldest = 0;

  constructor(size: number) {
    this.#outcomes = new Uint8Array(size);
  }

  record(failed: boolean, slow: boolean): void {
    const at = this.#oldest;
    const displaced = this.#outcomes[at] as number;
    const outcome = (failed ? FAILED : 0) | (slow ? SLOW : 0);
    this.#outcomes[at] = outcome;
    // A place that was never used holds 0.
    this.failures += (outcome & FAILED) - (displaced & FAILED);
    this.slow += ((outcome & SLOW) - (displaced & SLOW)) >> 1;
    if (this.calls < this.#outcomes.length) this.calls++;
    this.#oldest = at + 1 === this.#outcomes.length ? 0 : at + 1;
  }

  advance(): void {}

  clear(): void {
    this.#outcomes.fill(0);
    this.#oldest = 0;
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
  }
}
