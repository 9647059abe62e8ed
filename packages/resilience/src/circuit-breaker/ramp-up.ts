/** The part that is let through at once. */
const LEAST = 0.1;

/** Lets through a growing part of the calls, evenly spread. */
export class RampUp {
  readonly #duration: number;
  #start = -Infinity;
  /** Parts of calls that were not let through, added up: at 1 the next one is. */
  #credit = 0;

  constructor(duration: number) {
    this.#duration = duration;
  }

  begin(now: number): void {
    this.#start = now;
    this.#credit = 1 - LEAST;
  }

  /** The part of the calls that is let through now: 1 when it is over. */
  share(now: number): number {
    const part = (now - this.#start) / this.#duration;
    return part >= 1 || this.#duration === 0 ? 1 : LEAST + (1 - LEAST) * part;
  }

  /** Milliseconds until it is over. */
  remaining(now: number): number {
    return Math.max(0, this.#start + this.#duration - now);
  }

  /** Whether this call is let through. */
  admit(now: number): boolean {
    this.#credit += this.share(now);
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}
