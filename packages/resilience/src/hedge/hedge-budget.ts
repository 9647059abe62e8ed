/** Tokens for hedges: each call brings a part of one, each hedge takes one. */
export class HedgeBudget {
  readonly #share: number;
  readonly #burst: number;
  #tokens: number;

  constructor(share: number, burst: number) {
    this.#share = share;
    this.#burst = burst;
    this.#tokens = burst;
  }

  called(): void {
    // A burst below one would never let a share of the calls add up to a hedge.
    this.#tokens = Math.min(Math.max(1, this.#burst), this.#tokens + this.#share);
  }

  take(): boolean {
    // A tenth, ten times, is a little less than one.
    if (this.#tokens < 1 - 1e-9) return false;
    this.#tokens -= 1;
    return true;
  }
}
