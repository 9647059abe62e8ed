import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';
import type { Exemplar } from './exemplar.ts';
import type { MetricDefinition, MetricKind } from './metric-definition.ts';

/** What the formats read of every series. */
export interface SeriesView {
  readonly labelValues: readonly string[];
  /** All labels with those of the registry, as the text formats have them between braces. */
  readonly labelText: string;
  /** Kept here by the text formats: what the line of the series begins with. */
  linePrefix: string | undefined;
}

export interface ScalarView extends SeriesView {
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
}

export interface HistogramView extends SeriesView {
  /** All observations since the start. */
  distribution(): ExponentialHistogram;
  /** Ascending by value. */
  exemplars(): readonly Exemplar[];
}

export interface SummaryView extends SeriesView {
  /** `NaN` where unknown. */
  readonly count: number;
  readonly sum: number;
  /** A value for each quantile of the family. */
  readonly quantileValues: readonly number[];
}

interface View<Kind extends MetricKind, Series> {
  readonly kind: Kind;
  readonly definition: MetricDefinition;
  readonly series: readonly Series[];
}

/** One metric with its series, live or from a snapshot: what the formats read. */
export type FamilyView =
  | View<'counter', ScalarView>
  | View<'gauge', ScalarView>
  | View<'histogram', HistogramView>
  | (View<'summary', SummaryView> & { readonly quantiles: readonly number[] });
