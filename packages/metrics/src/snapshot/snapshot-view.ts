import { ExponentialHistogram } from '../exponential/exponential-histogram.ts';
import type { FamilyView, SeriesView } from '../instruments/family-view.ts';
import type { MetricDefinition } from '../instruments/metric-definition.ts';
import { joinLabelTexts, labelText } from '../series/label-text.ts';
import {
  HISTOGRAM_FIGURES,
  type HistogramSnapshot,
  type MetricSnapshot,
  type RegistrySnapshot,
} from './snapshot.ts';

/** The metrics of a snapshot as the formats read them. */
export function viewsOf({ metrics, defaultLabels }: RegistrySnapshot): readonly FamilyView[] {
  const defaultText = labelText(Object.keys(defaultLabels), Object.values(defaultLabels));
  return metrics.map((metric) => viewOf(metric, defaultText));
}

function viewOf(metric: MetricSnapshot, defaultText: string): FamilyView {
  const { kind, name, help, unit, labelNames, aggregate, buckets } = metric;
  const definition: MetricDefinition = { kind, name, help, unit, labelNames, aggregate, buckets };
  const common = seriesOf(metric, defaultText);
  if (metric.kind === 'histogram') {
    const histograms = unpackHistograms(metric);
    const series = common.map((one, at) => ({
      ...one,
      distribution: () => histograms[at] ?? new ExponentialHistogram(),
      exemplars: () => metric.exemplars?.[at] ?? [],
    }));
    return { kind: 'histogram', definition, series };
  }
  const { values } = metric;
  if (metric.kind === 'summary') {
    const { quantiles } = metric;
    const width = quantiles.length + 2;
    const series = common.map((one, at) => ({
      ...one,
      count: values[at * width] ?? Number.NaN,
      sum: values[at * width + 1] ?? Number.NaN,
      quantileValues: [...values.subarray(at * width + 2, (at + 1) * width)],
    }));
    return { kind: 'summary', definition, series, quantiles };
  }
  const series = common.map((one, at) => ({
    ...one,
    value: values[at] ?? Number.NaN,
    exemplar: metric.exemplars?.[at]?.[0],
  }));
  return { kind: metric.kind, definition, series };
}

function seriesOf(
  { size, labelNames, labelValues }: MetricSnapshot,
  defaultText: string,
): SeriesView[] {
  const width = labelNames.length;
  return Array.from({ length: size }, (_, at) => {
    const values = labelValues.slice(at * width, (at + 1) * width);
    const text = joinLabelTexts(defaultText, labelText(labelNames, values));
    return { labelValues: values, labelText: text, linePrefix: undefined };
  });
}

/** The histograms of a snapshot; their buckets are copied. */
export function unpackHistograms({
  size,
  figures,
  counts,
}: HistogramSnapshot): ExponentialHistogram[] {
  let from = 0;
  return Array.from({ length: size }, (_, at) => {
    const start = at * HISTOGRAM_FIGURES;
    const [count, sum, zeroes, min, max, scale, offset, buckets] = figures.subarray(
      start,
      start + HISTOGRAM_FIGURES,
    ) as unknown as readonly [number, number, number, number, number, number, number, number];
    const histogram = new ExponentialHistogram();
    const own = counts.subarray(from, from + buckets);
    from += buckets;
    histogram.merge({ count, sum, zeroes, min, max, scale, offset, counts: own });
    return histogram;
  });
}
