import type { Aggregate } from '../instruments/metric-definition.ts';
import type { Labels } from '../series/labels.ts';

/** What a collector tells beside a value. */
export interface CollectedMetric {
  readonly name: string;
  readonly help?: string | undefined;
  readonly unit?: string | undefined;
  /** Of gauges, see {@link Aggregate}. @default 'sum' */
  readonly aggregate?: Aggregate | undefined;
}

/** Of a summary: what is known of durations or sizes that were not observed here. */
export interface CollectedSummary {
  readonly count?: number | undefined;
  readonly sum?: number | undefined;
  /** Values by quantile, as in `{ '0.5': 0.01, '0.99': 0.2 }`. */
  readonly quantiles: Readonly<Record<string, number>>;
}

/** Takes what is true at this moment. What a collector no longer tells is gone from the next exposition. */
export interface CollectorSink {
  /** @param value the whole count since its start, not what came to it */
  counter(metric: CollectedMetric, value: number, labels?: Labels): void;
  gauge(metric: CollectedMetric, value: number, labels?: Labels): void;
  summary(metric: CollectedMetric, value: CollectedSummary, labels?: Labels): void;
}

/** Called before each exposition and snapshot. What it throws becomes the event `collectorError`. */
export type Collector = (sink: CollectorSink) => void;
