import type { Duration } from '@perf/core';
import type { Distribution, DistributionSummary } from '../exponential/distribution.ts';
import type { Labels } from '../series/labels.ts';

/** A distribution of what is observed: durations, sizes. */
export interface Histogram {
  /**
   * Takes one observation, in the metric's unit. What is negative or no finite number is not taken: it is told by the event `invalid` and counted
   * in `stats()`. Never throws.
   * @param exemplar labels of what was observed, such as `{ trace_id }`; 128 characters at most
   */
  observe(value: number, exemplar?: Labels): void;
  /** Since the start. */
  readonly count: number;
  readonly sum: number;
  /** All observations since the start. */
  total(): Distribution;
  /**
   * Those of late.
   * @param window how far back, up to the registry's `retention` (an hour); up to one `resolution` (a minute) more counts as well. @default the retention
   */
  window(window?: Duration): Distribution;
  /** Percentiles and figures of {@link Histogram.window}: a plain object. */
  summary(window?: Duration): DistributionSummary;
}

/** A histogram for each set of labels. */
export interface HistogramFamily<Name extends string> {
  /** The histogram of these labels, always the same object. @throws {@link LabelError} when the labels are not exactly those of the metric */
  child(labels: Labels<Name>): Histogram;
  /** Short for `child(labels).observe(value, exemplar)`. */
  observe(labels: Labels<Name>, value: number, exemplar?: Labels): void;
  /** Removes a series; what still holds its child counts nowhere. @returns whether there was one */
  remove(labels: Labels<Name>): boolean;
  /** Removes all series. */
  clear(): void;
}
