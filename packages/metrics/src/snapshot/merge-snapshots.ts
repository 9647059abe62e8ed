import { MetricConflictError } from '../errors.ts';
import {
  HistogramMerger,
  ScalarMerger,
  SummaryMerger,
  type MetricMerger,
} from './metric-mergers.ts';
import type { MetricSnapshot, RegistrySnapshot } from './snapshot.ts';

/**
 * Several processes' or threads' metrics as one: counters are added up, histograms merged bucket by bucket, gauges
 * combined as their option `aggregate` says. Default labels that are not the same everywhere are left out.
 * @param conflict called for a metric that is not the same as one of that name before it, and is left out. @default throws
 * @throws {@link MetricConflictError} for such a metric
 */
export function mergeSnapshots(
  snapshots: readonly RegistrySnapshot[],
  conflict: (error: MetricConflictError) => void = (error) => {
    throw error;
  },
): RegistrySnapshot {
  const mergers = new Map<string, { first: MetricSnapshot; merger: MetricMerger }>();
  for (const { metrics, at } of snapshots) {
    for (const metric of metrics) {
      let known = mergers.get(metric.name);
      if (known === undefined) {
        known = { first: metric, merger: mergerOf(metric) };
        mergers.set(metric.name, known);
      }
      if (isSame(known.first, metric)) known.merger.add(metric, at);
      else conflict(new MetricConflictError(metric.name, 'its kind or its labels differ'));
    }
  }
  return {
    version: 1,
    at: Math.max(0, ...snapshots.map(({ at }) => at)),
    defaultLabels: commonLabels(snapshots),
    metrics: Array.from(mergers.values(), ({ merger }) => merger.result()),
  };
}

/** What stays of a process that has ended: its counters and histograms. */
export function lastingPart(snapshot: RegistrySnapshot): RegistrySnapshot {
  const metrics = snapshot.metrics.filter(({ kind }) => kind === 'counter' || kind === 'histogram');
  return { ...snapshot, metrics };
}

/** The buffers of a snapshot, for `postMessage`: they are then moved, not copied, and the snapshot is of no use any more. */
export function transferables({ metrics }: RegistrySnapshot): ArrayBuffer[] {
  return metrics.flatMap((metric) => {
    const arrays = metric.kind === 'histogram' ? [metric.figures, metric.counts] : [metric.values];
    return arrays.map(({ buffer }) => buffer as ArrayBuffer);
  });
}

function mergerOf(metric: MetricSnapshot): MetricMerger {
  if (metric.kind === 'histogram') return new HistogramMerger(metric);
  if (metric.kind === 'summary') return new SummaryMerger(metric);
  return new ScalarMerger(metric);
}

function isSame(one: MetricSnapshot, other: MetricSnapshot): boolean {
  return (
    one.kind === other.kind &&
    listIsSame(one.labelNames, other.labelNames) &&
    listIsSame(quantilesOf(one), quantilesOf(other))
  );
}

function quantilesOf(metric: MetricSnapshot): readonly number[] {
  return metric.kind === 'summary' ? metric.quantiles : [];
}

function listIsSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}

function commonLabels(snapshots: readonly RegistrySnapshot[]): Readonly<Record<string, string>> {
  const [first, ...rest] = snapshots.map(({ defaultLabels }) => defaultLabels);
  const common = Object.entries(first ?? {}).filter(([name, value]) =>
    rest.every((labels) => labels[name] === value),
  );
  return Object.fromEntries(common);
}
