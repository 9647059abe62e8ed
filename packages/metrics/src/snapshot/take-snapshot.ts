import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';
import type { Exemplar } from '../instruments/exemplar.ts';
import type { FamilyView } from '../instruments/family-view.ts';
import { HISTOGRAM_FIGURES, type MetricSnapshot } from './snapshot.ts';

/** A family as plain data. */
export function takeSnapshot(family: FamilyView): MetricSnapshot {
  const { series, definition } = family;
  const common = {
    ...definition,
    size: series.length,
    labelValues: series.flatMap(({ labelValues }) => labelValues),
  };
  if (family.kind === 'histogram') {
    const data = packHistograms(family.series.map((one) => one.distribution()));
    const noted = family.series.map((one) => one.exemplars());
    return { ...common, kind: 'histogram', ...data, ...exemplarsOf(noted) };
  }
  if (family.kind === 'summary') {
    const values = Float64Array.from(
      family.series.flatMap(({ count, sum, quantileValues }) => [count, sum, ...quantileValues]),
    );
    return { ...common, kind: 'summary', quantiles: family.quantiles, values };
  }
  const values = Float64Array.from(family.series, ({ value }) => value);
  const noted = family.series.map(({ exemplar }) => (exemplar === undefined ? [] : [exemplar]));
  return { ...common, kind: family.kind, values, ...exemplarsOf(noted) };
}

/** Histograms side by side in two arrays. */
export function packHistograms(histograms: readonly ExponentialHistogram[]): {
  readonly figures: Float64Array;
  readonly counts: Float64Array;
} {
  const figures = new Float64Array(histograms.length * HISTOGRAM_FIGURES);
  const counts = new Float64Array(histograms.reduce((sum, one) => sum + one.counts.length, 0));
  let to = 0;
  histograms.forEach((one, at) => {
    const { count, sum, zeroes, min, max, scale, offset } = one;
    figures.set(
      [count, sum, zeroes, min, max, scale, offset, one.counts.length],
      at * HISTOGRAM_FIGURES,
    );
    counts.set(one.counts, to);
    to += one.counts.length;
  });
  return { figures, counts };
}

/** By the number of the series. */
export function exemplarsOf(noted: readonly (readonly Exemplar[])[]): {
  readonly exemplars?: Readonly<Record<number, readonly Exemplar[]>>;
} {
  const entries = noted.flatMap((list, at) => (list.length === 0 ? [] : [[at, list] as const]));
  return entries.length === 0 ? {} : { exemplars: Object.fromEntries(entries) };
}
