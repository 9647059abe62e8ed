/** A measurement at a time. */
export interface Sample {
  /** In minutes. */
  readonly at: number;
  readonly value: number;
}

/** What a series came to. */
export interface Trend {
  /** Units per minute: the median of the slopes of all pairs (Theil, 1950; Sen, 1968). */
  readonly slope: number;
  /** By how much the values grew from the first to the last by that slope. */
  readonly growth: number;
  readonly median: number;
}

/** How outliers, as heaps have them, do not sway the trend. `NaN`s of fewer than two samples. */
export function trendOf(samples: readonly Sample[]): Trend {
  const slopes: number[] = [];
  for (const [index, later] of samples.entries()) {
    for (const earlier of samples.slice(0, index)) {
      if (later.at > earlier.at)
        slopes.push((later.value - earlier.value) / (later.at - earlier.at));
    }
  }
  const slope = median(slopes);
  const span = (samples.at(-1)?.at ?? Number.NaN) - (samples[0]?.at ?? Number.NaN);
  return { slope, growth: slope * span, median: median(samples.map(({ value }) => value)) };
}

/** The middle one, or the mean of the middle two; `NaN` of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return ((below ?? Number.NaN) + (above ?? Number.NaN)) / 2;
}
