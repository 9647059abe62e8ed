/** What a metric is in the formats; a timer is a histogram, a summary comes from collectors only. */
export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'summary';

/** What becomes of a gauge's values of several processes or threads. */
export type Aggregate = 'sum' | 'min' | 'max' | 'mean' | 'newest';

/** Everything about a metric but its values: a plain object. */
export interface MetricDefinition {
  readonly kind: MetricKind;
  /** With the registry's prefix; of a counter without `_total`. */
  readonly name: string;
  readonly help: string;
  /** Empty where there is none. */
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly aggregate: Aggregate;
  /** Bounds of the classic buckets; empty of others than histograms. */
  readonly buckets: readonly number[];
}
