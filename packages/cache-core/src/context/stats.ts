import type { MemoryCacheStats } from '../memory/stats/memory-cache-stats.ts';
import { createStoreCounters } from '../stores/calls/store-counters.ts';
import type { StoreGate } from '../stores/store-gate.ts';
import type { CacheContext } from './cache-context.ts';

/** The counters that a tiered cache keeps beside those of its tiers. */
export interface TieredCounters {
  hits: number;
  stale: number;
  misses: number;
  memoryHits: number;
  loads: number;
  loadErrors: number;
  coalesced: number;
  sets: number;
  deletes: number;
  invalidations: number;
  refreshes: number;
  earlyRefreshes: number;
  negatives: number;
  gaps: number;
  overflows: number;
  staleIfError: number;
  softTimeouts: number;
  loadMs: number;
  loadMsMax: number;
}

/** One tier's part in a {@link TieredCacheStats}. */
export interface TierStats {
  readonly name: string;
  /** Keys that were looked for in this tier. */
  readonly lookups: number;
  readonly hits: number;
  readonly misses: number;
  /** hits / lookups; 0 when there were none. */
  readonly hitRate: number;
  /** Calls that failed or were not answered in time; 0 for memory. */
  readonly errors: number;
  /** Entries found unusable: foreign, damaged, or not to be decoded. */
  readonly damaged: number;
  /** Invalidations that wait until the store answers again. */
  readonly pending: number;
}

/** A snapshot of a tiered cache's statistics. lookups = hits + misses; stale hits are hits. */
export interface TieredCacheStats {
  readonly name: string;
  readonly lookups: number;
  readonly hits: number;
  /** The part of `hits` that was served stale. */
  readonly stale: number;
  readonly misses: number;
  readonly hitRate: number;
  /** Calls of loaders, and how many failed. */
  readonly loads: number;
  readonly loadErrors: number;
  /** Callers of `getOrSet` that joined another caller's, which was reading the stores or loading; reads that are shared are counted in `tiers`. */
  readonly coalesced: number;
  /** Background refreshes begun. */
  readonly refreshes: number;
  /** The part of `refreshes` that began before the entry had expired (`earlyRefresh`). */
  readonly earlyRefreshes: number;
  /** Negative results that loaders told of. */
  readonly negatives: number;
  /** The part of `stale` that was served because a load failed. */
  readonly staleIfError: number;
  /** The part of `hits` that was served because a load took longer than `loadTimeout.soft`. */
  readonly softTimeouts: number;
  readonly sets: number;
  readonly deletes: number;
  /** Calls of `invalidateTags`, `invalidatePattern`, `invalidateWhere` and `clear`. */
  readonly invalidations: number;
  /** Milliseconds that loaders took, in all, on average and at most. */
  readonly loadMs: { readonly total: number; readonly mean: number; readonly max: number };
  /** Entries in memory. */
  readonly size: number;
  /** Evictions from memory. */
  readonly evictions: number;
  /** How often the bus may have missed something, so that memory had to be proved; 0 without a bus. */
  readonly gaps: number;
  /**
   * How often there were more tags (10,000) or patterns (64) than are remembered one by one, so that older
   * entries were given up: 0 as a rule.
   */
  readonly overflows: number;
  readonly tiers: readonly TierStats[];
}

export function createCounters(): TieredCounters {
  return {
    hits: 0,
    stale: 0,
    misses: 0,
    memoryHits: 0,
    loads: 0,
    loadErrors: 0,
    coalesced: 0,
    sets: 0,
    deletes: 0,
    invalidations: 0,
    refreshes: 0,
    earlyRefreshes: 0,
    negatives: 0,
    gaps: 0,
    overflows: 0,
    staleIfError: 0,
    softTimeouts: 0,
    loadMs: 0,
    loadMsMax: 0,
  };
}

export function resetCounters(counters: TieredCounters, gates: readonly StoreGate[]): void {
  Object.assign(counters, createCounters());
  for (const gate of gates) Object.assign(gate.counters, createStoreCounters());
}

export function snapshotStats<V>(
  { options, counters, gates }: CacheContext<V>,
  memory: MemoryCacheStats | undefined,
): TieredCacheStats {
  const lookups = counters.hits + counters.misses;
  const tiers: TierStats[] = [];
  if (memory !== undefined) {
    tiers.push({
      name: 'memory',
      ...ratesOf(lookups, counters.memoryHits),
      errors: 0,
      damaged: 0,
      pending: 0,
    });
  }
  for (const { store, counters: tier, pending } of gates) {
    tiers.push({
      name: store.name,
      ...ratesOf(tier.reads, tier.hits),
      errors: tier.errors,
      damaged: tier.damaged,
      pending: pending.size,
    });
  }
  const { loads, loadMs } = counters;
  return {
    name: options.name,
    ...ratesOf(lookups, counters.hits),
    stale: counters.stale,
    loads,
    loadErrors: counters.loadErrors,
    coalesced: counters.coalesced,
    refreshes: counters.refreshes,
    earlyRefreshes: counters.earlyRefreshes,
    negatives: counters.negatives,
    staleIfError: counters.staleIfError,
    softTimeouts: counters.softTimeouts,
    sets: counters.sets,
    deletes: counters.deletes,
    invalidations: counters.invalidations,
    loadMs: { total: loadMs, mean: loads === 0 ? 0 : loadMs / loads, max: counters.loadMsMax },
    size: memory?.size ?? 0,
    evictions: memory?.evictions ?? 0,
    gaps: counters.gaps,
    overflows: counters.overflows,
    tiers,
  };
}

function ratesOf(
  lookups: number,
  hits: number,
): { lookups: number; hits: number; misses: number; hitRate: number } {
  return { lookups, hits, misses: lookups - hits, hitRate: lookups === 0 ? 0 : hits / lookups };
}
