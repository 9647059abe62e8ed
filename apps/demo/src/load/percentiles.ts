import { checkNumber } from '@perf/core';

/**
 * The smallest of the values that at least `percent` % of them do not exceed (the nearest-rank
 * method, so always one of the values); NaN if there are none.
 * @param sorted in ascending order
 * @param percent from 0 to 100
 */
export function percentile(sorted: Float64Array, percent: number): number {
  checkNumber('percent', percent, 0, 100);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}
