import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Unsubscribe } from '@perf/core';
import type { Registry } from '../registry/registry.ts';
import { isStats, numberIn, type Stats } from './shapes/stats-shape.ts';

/** A channel, and what its messages are counted as. */
interface ChannelMetric {
  readonly channel: string;
  readonly name: string;
  readonly help: string;
  /** Labels, each with the field that it is read from. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of a timer: the field with milliseconds, and when it was a failure. */
  readonly duration?: { readonly field: string; failed(message: Stats): boolean };
  /** Of a counter: the field with how many it tells of. @default one */
  readonly amount?: string;
}

const failedUnless =
  (outcome: string) =>
  (message: Stats): boolean =>
    message['outcome'] !== outcome;
const hasError = (message: Stats): boolean => message['error'] !== undefined;

const METRICS: readonly ChannelMetric[] = [
  {
    channel: 'perf:http:request',
    name: 'http_request_duration_seconds',
    help: 'Requests that were answered',
    labels: { method: 'method', route: 'route', status: 'status' },
    duration: { field: 'duration', failed: ({ status }) => !(Number(status) < 500) },
  },
  {
    channel: 'perf:pool:query',
    name: 'database_query_duration_seconds',
    help: 'Queries to databases',
    labels: { pool: 'pool', operation: 'operation' },
    duration: { field: 'duration', failed: hasError },
  },
  {
    channel: 'perf:pool:acquire',
    name: 'pool_acquire_duration_seconds',
    help: 'Waits for a turn',
    labels: { pool: 'pool' },
    duration: { field: 'waited', failed: hasError },
  },
  {
    channel: 'perf:pool:request',
    name: 'http_client_request_duration_seconds',
    help: 'Requests to other services',
    labels: { client: 'client', method: 'method', status: 'status' },
    duration: { field: 'duration', failed: hasError },
  },
  {
    channel: 'perf:pool:retry',
    name: 'http_client_retries_total',
    help: 'Requests that were sent again',
    labels: { client: 'client' },
  },
  {
    channel: 'perf:pool:leak',
    name: 'pool_leaks_total',
    help: 'Those that were out for too long',
    labels: { pool: 'pool' },
  },
  {
    channel: 'perf:cache:load',
    name: 'cache_load_duration_seconds',
    help: 'Calls of loaders',
    labels: { cache: 'cache' },
    duration: { field: 'duration', failed: failedUnless('loaded') },
  },
  {
    channel: 'perf:cache:error',
    name: 'cache_errors_total',
    help: 'What went wrong and no caller was told of',
    labels: { cache: 'cache', operation: 'operation' },
  },
  {
    channel: 'perf:cache:invalidate',
    name: 'cache_invalidations_total',
    help: 'Keys, tags and patterns that were invalidated',
    labels: { cache: 'cache', kind: 'kind' },
    amount: 'count',
  },
  {
    channel: 'perf:breaker:state',
    name: 'circuit_breaker_transitions_total',
    help: 'Changes of state',
    labels: { breaker: 'policy', from: 'from', to: 'to' },
  },
  {
    channel: 'perf:batcher:batch',
    name: 'batch_duration_seconds',
    help: 'Loads of batches',
    labels: { batcher: 'batcher' },
    duration: { field: 'elapsed', failed: failedUnless('loaded') },
  },
  {
    channel: 'perf:limiter:mode',
    name: 'rate_limiter_mode_changes_total',
    help: 'Changes of what decides: Redis, or what is set for when it does not answer',
    labels: { limiter: 'limiter', mode: 'mode' },
  },
];

/**
 * Counts and times what the `@perf` packages tell on `node:diagnostics_channel` (`perf:cache:load`, `perf:pool:query`, …): loads, queries,
 * requests, acquires, changes of state. What publishes the same fields there is counted as well.
 * @returns ends it
 * @throws {@link MetricConflictError} when a metric has one of the names
 */
export function collectChannels(registry: Registry): Unsubscribe {
  const handlers = METRICS.map((metric) => ({
    channel: metric.channel,
    handler: handlerOf(registry, metric),
  }));
  for (const { channel, handler } of handlers) subscribe(channel, handler);
  return () => {
    for (const { channel, handler } of handlers) unsubscribe(channel, handler);
  };
}

function handlerOf(registry: Registry, metric: ChannelMetric): (message: unknown) => void {
  const { name, help, duration, amount } = metric;
  const labels = Object.keys(metric.labels) as [string, ...string[]];
  if (duration !== undefined) {
    const timer = registry.timer({ name, help, labels });
    return (message) => {
      if (!isStats(message)) return;
      const took = numberIn(message, duration.field);
      if (took === undefined) return;
      timer.record(
        labelsOf(metric, message),
        took,
        duration.failed(message) ? 'failure' : 'success',
      );
    };
  }
  const counter = registry.counter({ name, help, labels });
  return (message) => {
    if (!isStats(message)) return;
    counter.inc(labelsOf(metric, message), amount === undefined ? 1 : numberIn(message, amount));
  };
}

function labelsOf({ labels }: ChannelMetric, message: Stats): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, field]) => {
      const value = message[field];
      const isTold = ['string', 'number', 'boolean'].includes(typeof value);
      return [label, isTold ? String(value) : ''];
    }),
  );
}
