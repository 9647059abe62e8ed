import type { CacheState } from './cache-state.ts';
import type { MemoryCacheStats } from './memory-cache-stats.ts';

/** `stats`: the counters and the present size, as a plain object. */
export function snapshot<Key, Value>(state: CacheState<Key, Value>): MemoryCacheStats {
  const { hits, misses, inserts, updates, refused, deletes, evictions, expirations, cleared } =
    state.counters;
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
    size: state.table.index.size,
    bytes: state.table.bytes,
    maxEntries: state.maxEntries,
    maxBytes: state.maxBytes,
  };
}
