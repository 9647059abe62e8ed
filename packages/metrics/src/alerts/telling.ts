/** How often an alert is told; milliseconds. */
export interface TellingTiming {
  readonly coolDown: number;
  readonly repeatEvery: number;
}

/** What is to be told now. */
export type Word = 'firing' | 'repeated' | 'resolved' | 'cooling-down' | 'inhibited' | undefined;

/** Whether those that should know of an alert are told: once, again after a while, and of its end only if they know of its beginning. */
export class Telling {
  readonly #timing: TellingTiming;
  #isTold: boolean;
  #lastAt: number;
  #wasHeldBack: Word;

  /** @param lastAt when it was last told, by the monotonic clock */
  constructor(timing: TellingTiming, isTold = false, lastAt: number = -Infinity) {
    this.#timing = timing;
    this.#isTold = isTold;
    this.#lastAt = lastAt;
  }

  get isTold(): boolean {
    return this.#isTold;
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  /** @returns `cooling-down` and `inhibited`, which are not told, only when that begins */
  next(isFiring: boolean, isInhibited: boolean, now: number): Word {
    if (!isFiring) {
      this.#wasHeldBack = undefined;
      if (!this.#isTold) return undefined;
      this.#isTold = false;
      return 'resolved';
    }
    const passed = now - this.#lastAt;
    const isDue = passed >= (this.#isTold ? this.#timing.repeatEvery : this.#timing.coolDown);
    if (isDue && !isInhibited) {
      const word = this.#isTold ? 'repeated' : 'firing';
      this.#isTold = true;
      this.#lastAt = now;
      this.#wasHeldBack = undefined;
      return word;
    }
    if (this.#isTold) return undefined;
    const word = isInhibited ? 'inhibited' : 'cooling-down';
    if (word === this.#wasHeldBack) return undefined;
    this.#wasHeldBack = word;
    return word;
  }
}
