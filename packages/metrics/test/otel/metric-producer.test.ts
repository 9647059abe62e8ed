import { MetricReader, type MetricData } from '@opentelemetry/sdk-metrics';
import { ManualClock } from '@perf/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExponentialHistogram } from '../../src/exponential/exponential-histogram.ts';
import { createRegistry } from '../../src/index.ts';
import { exponentialPoint } from '../../src/otel/exponential-point.ts';
import { metricProducer } from '../../src/otel.ts';

/** A reader of the SDK itself. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

test('a reader of the SDK gets sums, gauges, exponential histograms and summaries', async () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock, defaultLabels: { service: 'shop' } });
  const reader = new Reader({ metricProducers: [metricProducer(registry, { clock })] });
  // Readers ask their own provider first.
  reader.setMetricProducer(metricProducer(createRegistry(), { scope: 'own' }));
  registry
    .counter({ name: 'requests_total', help: 'Requests.', labels: ['method'] })
    .inc({ method: 'GET' }, 3);
  registry.gauge({ name: 'size_bytes' }).set(7);
  const histogram = registry.histogram({ name: 'latency_seconds' });
  for (const value of [0, 0.5, 1, 2]) histogram.observe(value);
  registry.collect((sink) => {
    sink.summary({ name: 'wait_seconds' }, { count: 5, quantiles: { '0.5': 0.1 } }, { pool: 'db' });
  });
  clock.advance(1500);
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  const scope = resourceMetrics.scopeMetrics.find(({ scope }) => scope.name === '@perf/metrics');
  const byName = new Map<string, MetricData>(
    scope?.metrics.map((metric) => [metric.descriptor.name, metric]),
  );
  expect(byName.get('requests')).toMatchObject({
    descriptor: { description: 'Requests.', unit: '' },
    dataPointType: 3,
    isMonotonic: true,
    aggregationTemporality: 1,
    dataPoints: [
      {
        startTime: [1_700_000_000, 0],
        endTime: [1_700_000_001, 500_000_000],
        attributes: { service: 'shop', method: 'GET' },
        value: 3,
      },
    ],
  });
  expect(byName.get('size_bytes')).toMatchObject({
    descriptor: { unit: 'By' },
    dataPointType: 2,
    dataPoints: [{ value: 7 }],
  });
  expect(byName.get('latency_seconds')).toMatchObject({
    dataPointType: 1,
    dataPoints: [{ value: { count: 4, sum: 3.5, zeroCount: 1, min: 0, max: 2, scale: 5 } }],
  });
  expect(byName.get('wait_seconds')).toMatchObject({
    dataPoints: [{ attributes: { pool: 'db', quantile: '0.5' }, value: 0.1 }],
  });
  expect(byName.get('wait_seconds_count')?.dataPoints).toMatchObject([{ value: 5 }]);
  expect(byName.get('wait_seconds_sum')?.dataPoints).toEqual([]);
  await reader.shutdown();
});

test('a point has no more buckets than allowed, loses no observation, and each lies where it belongs', () => {
  const value = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 50 }),
      fc.integer({ min: 2, max: 160 }),
      (values, maxBuckets) => {
        const histogram = new ExponentialHistogram();
        for (const one of values) histogram.record(one);
        const { scale, positive, count } = exponentialPoint(histogram, maxBuckets);
        expect(count).toBe(values.length);
        expect(positive.bucketCounts.length).toBeLessThanOrEqual(maxBuckets);
        expect(positive.bucketCounts.reduce((sum, one) => sum + one, 0)).toBe(values.length);
        positive.bucketCounts.forEach((amount, at) => {
          const low = 2 ** ((positive.offset + at) / 2 ** scale);
          const high = 2 ** ((positive.offset + at + 1) / 2 ** scale);
          const inside = values.filter(
            (one) => one > low * (1 - 1e-12) && one <= high * (1 + 1e-12),
          );
          expect(inside.length).toBeGreaterThanOrEqual(amount);
        });
      },
    ),
    { numRuns: 50 },
  );
});

test('options are checked', () => {
  expect(() => metricProducer(createRegistry(), { maxBuckets: 1 })).toThrow(/maxBuckets/);
  expect(() => metricProducer(createRegistry(), { scope: '' })).toThrow(/scope/);
});
