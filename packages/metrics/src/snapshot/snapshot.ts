import type { Exemplar } from '../instruments/exemplar.ts';
import type { MetricDefinition } from '../instruments/metric-definition.ts';

/** All series of one metric; their label values one after the other, a series' values in the order of `labelNames`. */
interface SeriesSnapshot extends MetricDefinition {
  /** How many series there are: also where there are no label names. */
  readonly size: number;
  readonly labelValues: readonly string[];
  /** By the number of the series; absent where there are none. */
  readonly exemplars?: Readonly<Record<number, readonly Exemplar[]>>;
}

/** Counters and gauges: a value for each series. */
export interface ScalarSnapshot extends SeriesSnapshot {
  readonly kind: 'counter' | 'gauge';
  readonly values: Float64Array;
}

/** Histograms: the buckets of all series one after the other. */
export interface HistogramSnapshot extends SeriesSnapshot {
  readonly kind: 'histogram';
  /** For each series {@link HISTOGRAM_FIGURES} numbers: count, sum, zeroes, min, max, scale, offset, and how many buckets it has. */
  readonly figures: Float64Array;
  readonly counts: Float64Array;
}

/** Summaries that collectors told: the quantiles of each series. */
export interface SummarySnapshot extends SeriesSnapshot {
  readonly kind: 'summary';
  /** Such as `[0.5, 0.95, 0.99]`. */
  readonly quantiles: readonly number[];
  /** For each series its count, its sum, and a value for each quantile; `NaN` where unknown. */
  readonly values: Float64Array;
}

export type MetricSnapshot = ScalarSnapshot | HistogramSnapshot | SummarySnapshot;

/** Numbers for each series in {@link HistogramSnapshot.figures}. */
export const HISTOGRAM_FIGURES = 8;

/**
 * All that a registry holds at one moment: plain data that `structuredClone` and `postMessage` take, the numbers in few typed
 * arrays (see `transferables`).
 */
export interface RegistrySnapshot {
  readonly version: 1;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Labels of every series. */
  readonly defaultLabels: Readonly<Record<string, string>>;
  readonly metrics: readonly MetricSnapshot[];
}
