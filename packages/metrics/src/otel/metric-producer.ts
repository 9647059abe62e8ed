import type { CollectionResult, MetricProducer } from '@opentelemetry/sdk-metrics';
import { checkInteger, checkKnown, checkString, systemClock, type Clock } from '@perf/core';
import type { Registry } from '../registry/registry.ts';
import { metricDataOf } from './metric-data.ts';

/** Options of {@link metricProducer}. */
export interface MetricProducerOptions {
  /** The name of the instrumentation scope. @default '@perf/metrics' */
  readonly scope?: string | undefined;
  /** Buckets that a histogram may have; it is told coarser where it has more. @default 160 */
  readonly maxBuckets?: number | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

type Resource = CollectionResult['resourceMetrics']['resource'];

/** Readers put their own in its place. */
const NO_RESOURCE: Resource = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/**
 * A registry for a reader of OpenTelemetry's SDK, 2.x: counters as monotonic sums, gauges, histograms as exponential ones; all cumulative.
 * @throws {@link ConfigError} when an option is refused
 * @example new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer(registry)] })
 */
export function metricProducer(
  registry: Registry,
  options: MetricProducerOptions = {},
): MetricProducer {
  checkKnown('metricProducer', options, ['scope', 'maxBuckets', 'clock']);
  const { scope = '@perf/metrics', maxBuckets = 160, clock = systemClock } = options;
  checkString('scope', scope);
  checkInteger('maxBuckets', maxBuckets, { min: 2, max: 2048 });
  const start = clock.epoch();
  return {
    async collect(): Promise<CollectionResult> {
      const metrics = metricDataOf(registry.snapshot(), start, maxBuckets);
      const scopeMetrics = [{ scope: { name: scope }, metrics }];
      return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
    },
  };
}
