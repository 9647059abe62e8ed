import type {
  FamilyView,
  HistogramView,
  ScalarView,
  SummaryView,
} from '../instruments/family-view.ts';
import { summarize } from '../exponential/distribution.ts';
import { cumulativeCounts } from './classic-buckets.ts';
import { PIECE_SIZE, type Pieces } from './pieces.ts';
import type { LabelDefaults } from './protobuf.ts';

/**
 * `{ "metrics": [{ name, kind, help, unit, series: [{ labels, … }] }] }`: of counters and gauges `value`, of histograms count, sum,
 * min, max, mean, percentiles and `buckets` (counts by bound), of summaries count, sum and `quantiles`. What is no finite number is `null`.
 * @yields pieces of the document
 */
export function* writeJson(families: Iterable<FamilyView>, defaults: LabelDefaults): Pieces {
  let piece = '{"metrics":[';
  let isFirst = true;
  for (const family of families) {
    const { kind, name, help, unit, labelNames } = family.definition;
    const full = kind === 'counter' ? `${name}_total` : name;
    const head = JSON.stringify({ name: full, kind, help, unit });
    piece += `${isFirst ? '' : ','}${head.slice(0, -1)},"series":[`;
    isFirst = false;
    for (let at = 0; at < family.series.length; at++) {
      const values = family.series[at]?.labelValues ?? [];
      const own = Object.fromEntries(
        labelNames.map((label, index) => [label, values[index] ?? '']),
      );
      const labels = { ...defaults.defaultLabels, ...own };
      piece += `${at === 0 ? '' : ','}${JSON.stringify({ labels, ...figuresOf(family, at) })}`;
      if (piece.length < PIECE_SIZE) continue;
      yield piece;
      piece = '';
    }
    piece += ']}';
  }
  yield `${piece}]}\n`;
}

function figuresOf(family: FamilyView, at: number): object {
  if (family.kind === 'histogram') {
    const distribution = (family.series[at] as HistogramView).distribution();
    const { buckets } = family.definition;
    const counts = cumulativeCounts(distribution, buckets);
    return {
      ...summarize(distribution),
      buckets: Object.fromEntries(buckets.map((bound, index) => [bound, counts[index]])),
    };
  }
  if (family.kind === 'summary') {
    const { count, sum, quantileValues } = family.series[at] as SummaryView;
    const values = family.quantiles.map((part, index) => [part, quantileValues[index]]);
    return { count, sum, quantiles: Object.fromEntries(values) };
  }
  return { value: (family.series[at] as ScalarView).value };
}
