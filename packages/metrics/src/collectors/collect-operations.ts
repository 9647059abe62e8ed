import type { Unsubscribe } from '@perf/core';
import type { Profiler } from '../profiler/profiler.ts';
import type { Registry } from '../registry/registry.ts';

const DURATION = {
  name: 'operation_duration_seconds',
  help: 'How long operations took; percentiles of the last one to two minutes',
};
const ERRORS = { name: 'operation_errors_total', help: 'Operations that failed' };
const ACTIVE = { name: 'operations_active', help: 'Operations that are running' };
const MS_PER_SECOND = 1000;

/**
 * Tells the operations of a profiler at each exposition, by `component` and `operation`, whether it runs or not: `operation_duration_seconds`
 * (a summary), `operation_errors_total`, `operations_active`. One profiler for each registry: those of two would be the same series.
 * @returns ends it
 * @example collectOperations(registry, profiler);
 */
export function collectOperations(
  registry: Registry,
  profiler: Pick<Profiler, 'profile'>,
): Unsubscribe {
  return registry.collect((sink) => {
    // All operations are in it; of samples, which are not told, as few as can be asked for.
    const { operations } = profiler.profile({ last: 1 });
    for (const { component, operation, count, errors, active, totalMs, recent } of operations) {
      const labels = { component, operation };
      const quantiles = {
        '0.5': recent.p50 / MS_PER_SECOND,
        '0.95': recent.p95 / MS_PER_SECOND,
        '0.99': recent.p99 / MS_PER_SECOND,
      };
      sink.summary(DURATION, { count, sum: totalMs / MS_PER_SECOND, quantiles }, labels);
      sink.counter(ERRORS, errors, labels);
      sink.gauge(ACTIVE, active, labels);
    }
  });
}
