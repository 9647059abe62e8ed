/** How many numbers may arrive before an earlier one; more are a gap. */
const MOST_AHEAD = 10_000;

/** What was heard of another instance's numbered messages. */
export class Peer {
  /** Every number up to this one has been heard. */
  #upTo: number;
  /** Numbers that have arrived before an earlier one, with the time; in the order of it. */
  readonly #ahead = new Map<number, number>();
  /** Numbers up to which it says that it has published, with the time; in the order of it. */
  readonly #told = new Map<number, number>();
  #heardAt: number;
  /** Whether it has said goodbye: its silence means nothing. */
  leaving: boolean = false;

  /** @param upTo what need not have been heard */
  constructor(upTo: number, now: number) {
    this.#upTo = upTo;
    this.#heardAt = now;
  }

  /** When it was heard last, in monotonic milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The highest number known to have been published. */
  get highest(): number {
    return Math.max(this.#upTo, ...this.#ahead.keys(), ...this.#told.keys());
  }

  /** Since when the next number is known to be missing; `undefined` while it is not. */
  get missingSince(): number | undefined {
    const [overtaken] = this.#ahead.values();
    const [told] = this.#told.values();
    if (overtaken === undefined || told === undefined) return overtaken ?? told;
    return Math.min(overtaken, told);
  }

  /** A message with this number has arrived. False when more have overtaken a missing one than can be remembered. */
  hear(number: number, now: number): boolean {
    this.#heardAt = now;
    if (number > this.#upTo && !this.#ahead.has(number)) this.#ahead.set(number, now);
    while (this.#ahead.delete(this.#upTo + 1)) this.#upTo++;
    for (const told of this.#told.keys()) if (told <= this.#upTo) this.#told.delete(told);
    return this.#ahead.size <= MOST_AHEAD;
  }

  /** It says that it has published everything up to this number. */
  told(number: number, now: number): void {
    this.#heardAt = now;
    if (number > this.#upTo && !this.#told.has(number)) this.#told.set(number, now);
  }
}
