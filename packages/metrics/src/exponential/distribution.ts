/** How observations are distributed. */
export interface Distribution {
  readonly count: number;
  readonly sum: number;
  /** Smallest and largest observation; `NaN` of none. */
  readonly min: number;
  readonly max: number;
  /** `NaN` of none. */
  readonly mean: number;
  /**
   * The value that this part of the observations does not exceed (nearest rank), at most 1.1 % off.
   * @param part from 0 to 1, as in `0.99`
   * @returns `NaN` of no observations
   * @throws {@link ConfigError} when `part` is no number from 0 to 1
   */
  percentile(part: number): number;
}

/** The usual figures of a {@link Distribution}: a plain object. */
export interface DistributionSummary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export function summarize(distribution: Distribution): DistributionSummary {
  const { count, sum, min, max, mean } = distribution;
  return {
    count,
    sum,
    min,
    max,
    mean,
    p50: distribution.percentile(0.5),
    p95: distribution.percentile(0.95),
    p99: distribution.percentile(0.99),
  };
}
