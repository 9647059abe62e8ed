/** What a limiter admitted of what was offered, and when. */
export interface Admissions {
  /** Milliseconds from the first request to the last. */
  readonly span: number;
  readonly offered: number;
  /** In milliseconds since the first request, in order. */
  readonly times: readonly number[];
}

/**
 * The most that any stretch of time has above `rate` times its length, so that at most `burst` of it is right. A
 * stretch begins and ends with an admission, since there it has most.
 * @param rate per millisecond
 */
export function mostAtOnce(times: readonly number[], rate: number): number {
  let worst = 0;
  let credit = -Infinity;
  for (const [index, time] of times.entries()) {
    credit = Math.max(credit, time * rate - index);
    worst = Math.max(worst, index + 1 - time * rate + credit);
  }
  return worst;
}

/** By how much more was admitted than allowed, in percent; less is negative. @param rate per millisecond */
export function errorPercent({ span, times }: Admissions, rate: number, burst: number): number {
  const allowed = burst + rate * span;
  return (100 * (times.length - allowed)) / allowed;
}

/** How many were admitted in each stretch of so many milliseconds, as a rate per second. */
export function ratesOver(times: readonly number[], stretch: number, span: number): number[] {
  const rates = Array.from({ length: Math.floor(span / stretch) }, () => 0);
  for (const time of times) {
    const at = Math.floor(time / stretch);
    if (at < rates.length) rates[at] = (rates[at] ?? 0) + 1000 / stretch;
  }
  return rates;
}
