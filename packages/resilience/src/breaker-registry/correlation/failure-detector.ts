/** The smallest and the largest part of calls that may fail in normal operation. */
const LEAST = 0.005;
const MOST = 0.2;
/** A service fails when at least this part of its calls does, or five times what is normal. */
const FAILING = 0.2;
const TIMES_NORMAL = 5;
const CERTAIN = 0.9;
/** Evidence that it takes, as the logarithm of odds: a million to one that it fails, 150 to one that it does so no more. */
const BEGINS = 14;
const ENDS = 5;
/** What one call weighs in the averages of what is normal, and of late. */
const NORMAL_WEIGHT = 1 / 200;
const RECENT_WEIGHT = 1 / 20;
const GAP_WEIGHT = 1 / 5;

/**
 * Tells when a service begins to fail, and since when: a sequential test of each call's outcome, of "as always" against "a fifth of the
 * calls or more". It needs four failures in a row, or more of them among successes, be there one call a minute or a thousand a second.
 *
 * Source: Page, "Continuous inspection schemes", Biometrika 1954 (CUSUM), for Bernoulli trials; the start of the run that raises the alarm
 * is the likeliest moment of the change.
 */
export class FailureDetector {
  #normal = LEAST;
  #recent = 0;
  #evidence = 0;
  /** Failures of the run that the evidence is of, which are not normal unless it comes to nothing. */
  #suspect = 0;
  #runSince = 0;
  #runGap = 0;
  #gap = 0;
  #lastFailure: number | undefined;
  #isFailing = false;

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Since when it fails, or seems to: when the first failed call of the run began. */
  get since(): number {
    return this.#runSince;
  }

  /** Milliseconds from one call to the next, on average, before it began to fail: it may have failed so much earlier, unseen. */
  get gap(): number {
    return this.#runGap;
  }

  /** Which part of the calls failed of late. */
  get recent(): number {
    return this.#recent;
  }

  /** Calls that succeeded since the last call of this or {@link failed}. @returns whether it fails no more, and did before */
  succeeded(count: number): boolean {
    if (count === 0) return false;
    const weight = Math.log((1 - this.#normal) / (1 - this.#failing));
    this.#recent *= (1 - RECENT_WEIGHT) ** count;
    if (this.#isFailing) {
      this.#evidence += count * weight;
      if (this.#evidence < ENDS) return false;
      this.recovered();
      return true;
    }
    this.#evidence = Math.max(0, this.#evidence - count * weight);
    this.#learn((1 - NORMAL_WEIGHT) ** count, 0);
    if (this.#evidence === 0 && this.#suspect > 0) {
      this.#learn((1 - NORMAL_WEIGHT) ** this.#suspect, 1);
      this.#suspect = 0;
    }
    return false;
  }

  /**
   * A call failed.
   * @param successes how many calls succeeded since the failure before
   * @param began when the call was started, as far as is known
   * @returns whether the service begins to fail with it
   */
  failed(successes: number, began: number, now: number): boolean {
    this.succeeded(successes);
    this.#recent += (1 - this.#recent) * RECENT_WEIGHT;
    const weight = Math.log(this.#failing / this.#normal);
    if (this.#lastFailure !== undefined && this.#evidence === 0) {
      const gap = (now - this.#lastFailure) / (successes + 1);
      this.#gap = this.#gap === 0 ? gap : this.#gap + (gap - this.#gap) * GAP_WEIGHT;
    }
    this.#lastFailure = now;
    if (this.#isFailing) {
      this.#evidence = Math.max(0, this.#evidence - weight);
      return false;
    }
    if (this.#evidence === 0) this.#begin(began);
    this.#suspect++;
    this.#evidence += weight;
    return this.#evidence >= BEGINS && this.fails(began);
  }

  /** It is known to fail, for example since its breaker has opened. @returns whether that is news */
  fails(now: number): boolean {
    if (this.#isFailing) return false;
    if (this.#suspect === 0) this.#begin(now);
    this.#isFailing = true;
    this.#evidence = 0;
    return true;
  }

  /** It is known to work again. */
  recovered(): void {
    this.#isFailing = false;
    this.#evidence = 0;
    this.#suspect = 0;
    this.#recent = 0;
  }

  get #failing(): number {
    return Math.min(CERTAIN, Math.max(FAILING, this.#normal * TIMES_NORMAL));
  }

  #begin(since: number): void {
    this.#runSince = since;
    this.#runGap = this.#gap;
  }

  #learn(kept: number, outcome: 0 | 1): void {
    const normal = outcome + (this.#normal - outcome) * kept;
    this.#normal = Math.min(MOST, Math.max(LEAST, normal));
  }
}
