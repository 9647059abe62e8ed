import { ZERO_THRESHOLD } from '../exponential/bucket-index.ts';
import type { Exemplar } from '../instruments/exemplar.ts';
import type {
  FamilyView,
  HistogramView,
  ScalarView,
  SummaryView,
} from '../instruments/family-view.ts';
import type { MetricDefinition, MetricKind } from '../instruments/metric-definition.ts';
import { cumulativeCounts } from './classic-buckets.ts';
import { nativeBuckets } from './native-buckets.ts';
import { PIECE_SIZE, type Pieces } from './pieces.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const TYPES: Readonly<Record<MetricKind, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  histogram: 4,
};

/** What protobuf needs of the registry beside its families. */
export interface LabelDefaults {
  readonly defaultLabels: Readonly<Record<string, string>>;
}

/**
 * Messages `io.prometheus.client.MetricFamily`, each behind its length: with native histograms. The numbers are those of the fields in
 * prometheus/client_model, io/prometheus/client/metrics.proto.
 * @yields pieces of the messages
 */
export function* writeProtobuf(families: Iterable<FamilyView>, defaults: LabelDefaults): Pieces {
  const common = commonLabels(defaults.defaultLabels);
  for (const family of families) {
    if (family.series.length === 0) continue;
    const parts: Uint8Array[] = [headOf(family.definition)];
    const metrics = new ProtobufWriter();
    for (let at = 0; at < family.series.length; at++) {
      metrics.message(4, (metric) => {
        metric.raw(common);
        writeLabels(metric, family.definition.labelNames, family.series[at]?.labelValues ?? []);
        writeValue(metric, family, at);
      });
      if (metrics.length < PIECE_SIZE) continue;
      parts.push(metrics.take());
      // The length of the whole stands before it, so nothing can be handed over yet.
      yield '';
    }
    parts.push(metrics.take());
    metrics.varint(parts.reduce((sum, part) => sum + part.length, 0));
    yield metrics.take();
    yield* parts;
  }
}

function headOf({ kind, name, help }: MetricDefinition): Uint8Array {
  const head = new ProtobufWriter();
  head.string(1, kind === 'counter' ? `${name}_total` : name);
  if (help !== '') head.string(2, help);
  head.uint(3, TYPES[kind]);
  return head.take();
}

function commonLabels(labels: Readonly<Record<string, string>>): Uint8Array {
  const writer = new ProtobufWriter();
  writeLabels(writer, Object.keys(labels), Object.values(labels));
  return writer.take();
}

function writeLabels(
  metric: ProtobufWriter,
  names: readonly string[],
  values: readonly string[],
): void {
  names.forEach((name, at) => {
    metric.message(1, (pair) => {
      pair.string(1, name);
      pair.string(2, values[at] ?? '');
    });
  });
}

function writeValue(metric: ProtobufWriter, family: FamilyView, at: number): void {
  if (family.kind === 'histogram') {
    metric.message(7, (inner) => {
      writeHistogram(inner, family.series[at] as HistogramView, family.definition.buckets);
    });
  } else if (family.kind === 'summary') {
    metric.message(4, (inner) => {
      writeSummary(inner, family.series[at] as SummaryView, family.quantiles);
    });
  } else {
    const { value, exemplar } = family.series[at] as ScalarView;
    metric.message(family.kind === 'counter' ? 3 : 2, (inner) => {
      inner.double(1, value);
      if (exemplar !== undefined) writeExemplar(inner, 2, exemplar);
    });
  }
}

function writeHistogram(
  writer: ProtobufWriter,
  series: HistogramView,
  bounds: readonly number[],
): void {
  const distribution = series.distribution();
  const exemplars = series.exemplars();
  writer.uint(1, distribution.count);
  writer.double(2, distribution.sum);
  let below = -Infinity;
  cumulativeCounts(distribution, bounds).forEach((count, at) => {
    const bound = bounds[at] as number;
    const lowest = below;
    const exemplar = exemplars.findLast(({ value }) => value <= bound && value > lowest);
    below = bound;
    writer.message(3, (bucket) => {
      bucket.uint(1, count);
      bucket.double(2, bound);
      if (exemplar !== undefined) writeExemplar(bucket, 3, exemplar);
    });
  });
  writer.sint(5, distribution.scale);
  writer.double(6, ZERO_THRESHOLD);
  writer.uint(7, distribution.zeroes);
  const { spans, deltas } = nativeBuckets(distribution);
  for (const { offset, length } of spans) {
    writer.message(12, (span) => {
      span.sint(1, offset);
      span.uint(2, length);
    });
  }
  writer.message(13, (packed) => {
    for (const delta of deltas) packed.zigzag(delta);
  });
}

function writeSummary(
  writer: ProtobufWriter,
  { count, sum, quantileValues }: SummaryView,
  quantiles: readonly number[],
): void {
  if (!Number.isNaN(count)) writer.uint(1, count);
  if (!Number.isNaN(sum)) writer.double(2, sum);
  quantiles.forEach((quantile, at) => {
    writer.message(3, (inner) => {
      inner.double(1, quantile);
      inner.double(2, quantileValues[at] ?? Number.NaN);
    });
  });
}

function writeExemplar(
  writer: ProtobufWriter,
  field: number,
  { labels, value, at }: Exemplar,
): void {
  writer.message(field, (inner) => {
    writeLabels(inner, Object.keys(labels), Object.values(labels));
    inner.double(2, value);
    inner.message(3, (timestamp) => {
      timestamp.uint(1, Math.floor(at / 1000));
      timestamp.uint(2, (at % 1000) * 1_000_000);
    });
  });
}
