import { bucketOf, FINEST_SCALE, ZERO_THRESHOLD } from '../exponential/bucket-index.ts';
import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';

/**
 * How many observations each bound counts, all below it included. A bound that lies within a bucket counts all of the bucket, so what was
 * observed exactly at a bound is counted by it, and counts never fall from one scrape to the next.
 */
export function cumulativeCounts(
  histogram: ExponentialHistogram,
  bounds: readonly number[],
): number[] {
  const { counts, offset, scale } = histogram;
  let seen = histogram.zeroes;
  let at = 0;
  return bounds.map((bound) => {
    if (bound < ZERO_THRESHOLD) return bound < 0 ? 0 : histogram.zeroes;
    const last =
      bound === Infinity ? counts.length - 1 : (bucketOf(bound) >> (FINEST_SCALE - scale)) - offset;
    for (; at <= last && at < counts.length; at++) seen += counts[at] as number;
    return seen;
  });
}
