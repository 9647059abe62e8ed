/** How much of the limit a slow batch leaves. */
const CUT = 0.75;
/** Which part of the largest size a full and quick batch adds. */
const STEP = 1 / 50;

/**
 * How large a batch may be, by additive increase and multiplicative decrease: the rule by which TCP shares a line
 * (Chiu, Jain: "Analysis of the increase and decrease algorithms for congestion avoidance", 1989).
 */
export class AdaptiveSize {
  readonly #min: number;
  readonly #max: number;
  readonly #targetTime: number;
  readonly #step: number;
  #limit: number;

  constructor(min: number, max: number, targetTime: number) {
    this.#min = min;
    this.#max = max;
    this.#targetTime = targetTime;
    this.#step = Math.max(1, Math.floor(max * STEP));
    this.#limit = max;
  }

  get limit(): number {
    return this.#limit;
  }

  /** A batch has loaded, or was given up, after `elapsed` milliseconds. */
  loaded(size: number, elapsed: number, timedOut: boolean): void {
    if (timedOut || elapsed > this.#targetTime) {
      this.#limit = Math.max(this.#min, Math.floor(this.#limit * CUT));
    } else if (size >= this.#limit) {
      this.#limit = Math.min(this.#max, this.#limit + this.#step);
    }
  }
}
