import type { CacheState } from '../cache-state.ts';
import { MemoryCounters, type MemoryCacheStats } from './memory-cache-stats.ts';

const NOTHING: Readonly<MemoryCounters> = new MemoryCounters();

/** `stats`: the counters and the present size, as a plain object. */
export function snapshot<Key, Value>(state: CacheState<Key, Value>): MemoryCacheStats {
  for (const shard of state.shards) shard.settle();
  const { budget } = state;
  const { hits, misses, inserts, updates, refused, deletes, evictions, expirations, cleared } =
    state.settings.stats ? state.counters : NOTHING;
  return {
    hits,
    misses,
    hitRate: hits === 0 ? 0 : hits / (hits + misses),
    sets: inserts + updates + refused,
    inserts,
    updates,
    refused,
    deletes,
    evictions,
    expirations,
    cleared,
    size: budget.entries,
    bytes: budget.bytes,
    maxEntries: budget.maxEntries,
    maxBytes: budget.maxBytes,
  };
}

/** `resetStats`: sets the counters to 0. */
export function resetCounters<Key, Value>({ shards, counters }: CacheState<Key, Value>): void {
  for (const shard of shards) shard.settle();
  counters.reset();
}
