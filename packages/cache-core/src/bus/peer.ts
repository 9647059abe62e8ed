/** How many numbers may arrive before an earlier one; more are a gap. */
const MOST_AHEAD = 10_000;

/** What was heard of another instance's numbered messages. */
export class Peer {
  /** Every number up to this one has been heard. */
  #upTo: number;
  /** Every number up to this one has been published, as it says. */
  #told: number;
  readonly #ahead = new Set<number>();
  #missingSince: number | undefined;
  #heardAt: number;
  /** Whether it has said goodbye: its silence means nothing. */
  leaving: boolean = false;

  /** @param upTo what need not have been heard */
  constructor(upTo: number, now: number) {
    this.#upTo = upTo;
    this.#told = upTo;
    this.#heardAt = now;
  }

  /** When it was heard last, in monotonic milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The highest number known to have been published. */
  get highest(): number {
    return Math.max(this.#told, this.#upTo, ...this.#ahead);
  }

  /** Since when the next number is known to be missing; `undefined` while it is not. */
  get missingSince(): number | undefined {
    return this.#missingSince;
  }

  /** A message with this number has arrived. False when more have overtaken a missing one than can be remembered. */
  hear(number: number, now: number): boolean {
    this.#heardAt = now;
    const before = this.#upTo;
    if (number > before) this.#ahead.add(number);
    while (this.#ahead.delete(this.#upTo + 1)) this.#upTo++;
    // The next one missing is another one.
    if (this.#upTo > before) this.#missingSince = undefined;
    this.#watch(now);
    return this.#ahead.size <= MOST_AHEAD;
  }

  /** It says that it has published everything up to this number. */
  told(number: number, now: number): void {
    this.#heardAt = now;
    this.#told = Math.max(this.#told, number);
    this.#watch(now);
  }

  #watch(now: number): void {
    const missing = this.#ahead.size > 0 || this.#told > this.#upTo;
    this.#missingSince = missing ? (this.#missingSince ?? now) : undefined;
  }
}
