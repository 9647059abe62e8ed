import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type {
  MetricSnapshot,
  RegistrySnapshot,
  ScalarSnapshot,
  SummarySnapshot,
} from '../snapshot/snapshot.ts';
import { unpackHistograms } from '../snapshot/snapshot-view.ts';
import { exponentialPoint } from './exponential-point.ts';

/** Of the Unified Code for Units of Measure. */
const UNITS: Readonly<Record<string, string>> = {
  seconds: 's',
  bytes: 'By',
  ratio: '1',
  celsius: 'Cel',
  meters: 'm',
  volts: 'V',
  amperes: 'A',
  joules: 'J',
  grams: 'g',
};

type HrTime = [seconds: number, nanoseconds: number];
type Attributes = Record<string, string>;

/** What a snapshot's points have in common. */
interface Frame {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly defaultLabels: Readonly<Record<string, string>>;
  readonly maxBuckets: number;
}

/**
 * A snapshot as OpenTelemetry has metrics, cumulative.
 * @param start since when counts count, in milliseconds since 1970
 */
export function metricDataOf(
  snapshot: RegistrySnapshot,
  start: number,
  maxBuckets: number,
): MetricData[] {
  const frame: Frame = {
    startTime: hrTime(start),
    endTime: hrTime(snapshot.at),
    defaultLabels: snapshot.defaultLabels,
    maxBuckets,
  };
  return snapshot.metrics.flatMap((metric) => dataOf(metric, frame));
}

function dataOf(metric: MetricSnapshot, frame: Frame): MetricData[] {
  if (metric.kind === 'summary') return summaryData(metric, frame);
  if (metric.kind !== 'histogram') return [scalarData(metric, frame)];
  const dataPoints = unpackHistograms(metric).map((histogram, at) =>
    pointOf(exponentialPoint(histogram, frame.maxBuckets), attributesOf(metric, at, frame), frame),
  );
  const common = {
    descriptor: descriptorOf(metric),
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  return [{ ...common, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints }];
}

function scalarData(metric: ScalarSnapshot, frame: Frame): MetricData {
  const dataPoints = Array.from(metric.values, (value, at) =>
    pointOf(value, attributesOf(metric, at, frame), frame),
  );
  const common = {
    descriptor: descriptorOf(metric),
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  return metric.kind === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** Quantiles as gauges, counts and sums beside them: there are no summaries any more. */
function summaryData(metric: SummarySnapshot, frame: Frame): MetricData[] {
  const { quantiles, values, size } = metric;
  const width = quantiles.length + 2;
  const points: DataPoint<number>[] = [];
  const totals: [DataPoint<number>[], DataPoint<number>[]] = [[], []];
  for (let at = 0; at < size; at++) {
    const attributes = attributesOf(metric, at, frame);
    totals.forEach((list, column) => {
      const value = values[at * width + column] ?? Number.NaN;
      if (!Number.isNaN(value)) list.push(pointOf(value, attributes, frame));
    });
    quantiles.forEach((quantile, column) => {
      const value = values[at * width + 2 + column] ?? Number.NaN;
      points.push(pointOf(value, { ...attributes, quantile: String(quantile) }, frame));
    });
  }
  const descriptor = descriptorOf(metric);
  const common = { aggregationTemporality: AggregationTemporality.CUMULATIVE };
  const sums = totals.map((dataPoints, column): MetricData => {
    const name = `${metric.name}${column === 0 ? '_count' : '_sum'}`;
    const own = { ...descriptor, name, unit: column === 0 ? '' : descriptor.unit };
    return {
      ...common,
      descriptor: own,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints,
    };
  });
  return [
    { ...common, descriptor, dataPointType: DataPointType.GAUGE, dataPoints: points },
    ...sums,
  ];
}

function pointOf<Value>(value: Value, attributes: Attributes, frame: Frame): DataPoint<Value> {
  const { startTime, endTime } = frame;
  return { startTime, endTime, attributes, value };
}

function attributesOf(
  { labelNames, labelValues }: MetricSnapshot,
  at: number,
  { defaultLabels }: Frame,
): Attributes {
  const attributes: Attributes = { ...defaultLabels };
  labelNames.forEach((name, column) => {
    attributes[name] = labelValues[at * labelNames.length + column] ?? '';
  });
  return attributes;
}

function descriptorOf({ name, help, unit }: MetricSnapshot): MetricData['descriptor'] {
  return { name, description: help, unit: UNITS[unit] ?? unit, valueType: ValueType.DOUBLE };
}

function hrTime(milliseconds: number): HrTime {
  return [Math.floor(milliseconds / 1000), Math.round((milliseconds % 1000) * 1e6)];
}
