import { quantileOf } from './series.ts';

/** A line through values that a third of them may miss by any amount. */
export interface TheilSen {
  /** By how much the value changes in one unit of the times. */
  readonly slope: number;
  /** The value at time 0. */
  readonly intercept: number;
  /** All slopes between two points, ascending. */
  readonly slopes: Float64Array;
}

/** The median of the slopes of all pairs (Theil 1950, Sen 1968). `undefined` when all times are the same. */
export function theilSen(
  times: readonly number[],
  values: readonly number[],
): TheilSen | undefined {
  const slopes: number[] = [];
  for (let later = 1; later < times.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const passed = (times[later] ?? 0) - (times[earlier] ?? 0);
      if (passed > 0) slopes.push(((values[later] ?? 0) - (values[earlier] ?? 0)) / passed);
    }
  }
  if (slopes.length === 0) return undefined;
  const slope = quantileOf(slopes, 0.5);
  const intercept = quantileOf(
    values.map((value, index) => value - slope * (times[index] ?? 0)),
    0.5,
  );
  return { slope, intercept, slopes: Float64Array.from(slopes).toSorted() };
}

/**
 * Between which slopes the true one lies with a confidence of 95 %.
 * @param variance of Kendall's S, without a trend
 */
export function slopeInterval(
  { slopes }: TheilSen,
  variance: number,
): { readonly low: number; readonly high: number } {
  const reach = 1.96 * Math.sqrt(Math.max(0, variance));
  const at = (rank: number): number =>
    slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(rank)))] ?? 0;
  return { low: at((slopes.length - reach) / 2 - 1), high: at((slopes.length + reach) / 2) };
}
