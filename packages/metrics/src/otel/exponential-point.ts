import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';

/** Buckets side by side, from the one with this index on. */
interface Buckets {
  readonly offset: number;
  readonly bucketCounts: number[];
}

/** The value of a point in OpenTelemetry's data model. */
export interface ExponentialPoint {
  readonly count: number;
  readonly sum: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  readonly min?: number;
  readonly max?: number;
}

/** A histogram with as many buckets at most: as coarse as it has to be for that. */
export function exponentialPoint(
  histogram: ExponentialHistogram,
  maxBuckets: number,
): ExponentialPoint {
  const { count, sum, zeroes, min, max } = histogram;
  const figures = { count, sum, zeroCount: zeroes, negative: { offset: 0, bucketCounts: [] } };
  const extremes = count === 0 ? {} : { min, max };
  const { counts, offset } = histogram;
  const first = counts.findIndex((amount) => amount > 0) + offset;
  const last = counts.findLastIndex((amount) => amount > 0) + offset;
  if (count === zeroes) {
    return { ...figures, ...extremes, scale: 0, positive: { offset: 0, bucketCounts: [] } };
  }
  let shift = 0;
  while ((last >> shift) - (first >> shift) + 1 > maxBuckets) shift++;
  const start = first >> shift;
  const bucketCounts = Array.from({ length: (last >> shift) - start + 1 }, () => 0);
  counts.forEach((amount, at) => {
    if (amount === 0) return;
    const to = ((at + offset) >> shift) - start;
    bucketCounts[to] = (bucketCounts[to] ?? 0) + amount;
  });
  const positive = { offset: start, bucketCounts };
  return { ...figures, ...extremes, scale: histogram.scale - shift, positive };
}
