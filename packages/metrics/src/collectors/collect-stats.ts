import { ConfigError, type Unsubscribe } from '@perf/core';
import type { CollectorSink } from '../registry/collector.ts';
import type { Registry } from '../registry/registry.ts';
import { batcherStats } from './shapes/batcher-stats.ts';
import { breakerStats } from './shapes/breaker-stats.ts';
import { bulkheadStats } from './shapes/bulkhead-stats.ts';
import { cacheStats } from './shapes/cache-stats.ts';
import { limiterStats } from './shapes/limiter-stats.ts';
import { poolStats } from './shapes/pool-stats.ts';
import { isStats, type Stats, type StatsShape } from './shapes/stats-shape.ts';

/** What keeps statistics: a cache, a pool, a policy, a registry or manager of such. */
export type StatsSource = { stats(): unknown } | { snapshot(): unknown };

/** Those that are told, by name: fixed, or looked up at each exposition. */
export type StatsSources =
  | Readonly<Record<string, StatsSource>>
  | (() => Readonly<Record<string, StatsSource>>);

/** The most particular first. */
const SHAPES: readonly StatsShape[] = [
  breakerStats,
  poolStats,
  bulkheadStats,
  limiterStats,
  batcherStats,
  cacheStats,
];
/** Fields in which managers and registries have the statistics of what they manage. */
const GROUPS = ['caches', 'pools', 'breakers'];

/**
 * Tells the statistics of caches, pools, circuit breakers, bulkheads, limiters and batchers at each exposition: those of the `@perf` packages and whatever
 * else has the same fields. They are asked by `stats()` or `snapshot()`, and know nothing of it.
 * @returns ends it
 * @throws {@link ConfigError} when a source has no statistics, or some of a form that is not known
 * @example collectStats(registry, { users: cache, db: pool, payments: breaker });
 */
export function collectStats(registry: Registry, sources: StatsSources): Unsubscribe {
  const current = typeof sources === 'function' ? sources : () => sources;
  for (const [name, source] of Object.entries(current())) {
    if (entriesOf(name, source).length > 0) continue;
    const known = SHAPES.map(({ what }) => what).join(', ');
    throw new ConfigError(name, source, `something whose statistics are of a known form: ${known}`);
  }
  return registry.collect((sink) => {
    const failures: unknown[] = [];
    for (const [name, source] of Object.entries(current())) {
      // One that fails, or is closed, does not hide the others.
      try {
        tell(sink, entriesOf(name, source));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  });
}

interface Entry {
  readonly name: string;
  readonly stats: Stats;
  readonly shape: StatsShape;
}

function tell(sink: CollectorSink, entries: readonly Entry[]): void {
  for (const { name, stats, shape } of entries) shape.tell(sink, name, stats);
}

function entriesOf(name: string, source: StatsSource): readonly Entry[] {
  return entriesIn(name, readStats(name, source));
}

function readStats(name: string, source: StatsSource): unknown {
  if ('stats' in source && typeof source.stats === 'function') return source.stats();
  if ('snapshot' in source && typeof source.snapshot === 'function') return source.snapshot();
  throw new ConfigError(name, source, 'an object with stats() or snapshot()');
}

/** Of one, or of all that a manager or registry manages. */
function entriesIn(name: string, stats: unknown): readonly Entry[] {
  if (!isStats(stats)) return [];
  const shape = SHAPES.find((one) => one.matches(stats));
  if (shape !== undefined) return [{ name, stats, shape }];
  const group =
    GROUPS.map((field) => stats[field]).find((value) => typeof value === 'object') ?? stats;
  if (Array.isArray(group)) {
    return group.flatMap((one: unknown) =>
      isStats(one) ? entriesOfOne(nameIn(one, name), one) : [],
    );
  }
  return Object.entries(group as Stats).flatMap(([key, one]) =>
    isStats(one) ? entriesOfOne(key, one) : [],
  );
}

function entriesOfOne(name: string, stats: Stats): readonly Entry[] {
  const shape = SHAPES.find((one) => one.matches(stats));
  return shape === undefined ? [] : [{ name, stats, shape }];
}

function nameIn(stats: Stats, otherwise: string): string {
  return typeof stats['name'] === 'string' ? stats['name'] : otherwise;
}
