/** What came of asking: whether what the first one needs was taken for it. */
export type Refill = 'granted' | 'refused' | 'unanswered';

/** What a process knows of one key: what it may admit by itself, and until when it need not ask again. */
export class Lease {
  /** What may be admitted without asking. */
  tokens: number = 0;
  /** When {@link tokens} are void, by the clock. */
  expires: number = 0;
  /** How much to ask for next. */
  want: number = 1;
  /** Until when Redis is not asked, and from which cost on. */
  deniedUntil: number = 0;
  deniedCost: number = Infinity;
  /** What counted against the key in Redis when it answered last. */
  used: number = 0;
  usedAt: number = 0;
  /** The one that is on its way. */
  refill: Promise<Refill> | undefined;
  /** What those want who wait for {@link refill}. */
  awaited: number = 0;
  /** What was admitted since the last refill. */
  #spent = 0;
  #granted = 0;

  spend(cost: number): void {
    this.tokens -= cost;
    this.#spent += cost;
  }

  /** Notes what there is after a grant. */
  grant(tokens: number, now: number, validity: number): void {
    this.tokens = tokens;
    this.expires = now + validity;
    this.#granted = tokens;
    this.#spent = 0;
  }

  /** Asks for twice as much when the last grant did not last, for as much as was of use when it did. */
  adapt(now: number, interval: number, validity: number, most: number): void {
    const begun = this.expires - validity;
    if (this.#granted === 0) return;
    const lasted = now - begun;
    const next = lasted < interval ? this.want * 2 : (this.#spent * interval) / lasted;
    this.want = Math.min(most, Math.max(1, Math.ceil(next)));
  }

  isIdle(now: number): boolean {
    return this.refill === undefined && now >= this.expires && now >= this.deniedUntil;
  }
}
