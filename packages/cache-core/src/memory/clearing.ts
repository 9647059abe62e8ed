import { ConfigError, toBytes } from '@perf/core';
import { CacheFullError } from '../errors.ts';
import { compilePattern } from '../invalidation/pattern.ts';
import type { CacheState } from './cache-state.ts';
import { checkMaxEntries } from './memory-cache-options.ts';
import type { MemoryCacheBounds } from './memory-cache.ts';

/** `clear`: removes everything, or what has expired. */
export function clearEntries<Key, Value>(
  state: CacheState<Key, Value>,
  which: 'all' | 'expired',
): number {
  state.assertOpen();
  if (which === 'expired') return clearExpired(state);
  if (which !== 'all') throw new ConfigError('which', which, `'all' or 'expired'`);
  return clearAll(state);
}

function clearExpired<Key, Value>(state: CacheState<Key, Value>): number {
  const { table, lifetimes } = state;
  let removed = 0;
  for (let slot = table.reserved; slot < table.used && lifetimes.expiring > 0; slot++) {
    if (!lifetimes.isOver(slot)) continue;
    state.actions.drop(slot, 'expired');
    removed++;
  }
  state.removals?.flush();
  return removed;
}

function clearAll<Key, Value>(state: CacheState<Key, Value>): number {
  const { table, removals } = state;
  const removed = table.index.size;
  if (removals !== undefined) {
    for (const [key, slot] of table.index) {
      removals.add(key, table.values[slot] as Value, 'cleared');
    }
  }
  table.clear(state.maxEntries);
  state.lifetimes.clear();
  state.actions.emptied();
  if (state.settings.stats) state.counters.cleared += removed;
  removals?.flush();
  return removed;
}

/** `close`: clears, tells the listeners, and lets go of them and of the timer. */
export function closeCache<Key, Value>(state: CacheState<Key, Value>): void {
  if (state.closed) return;
  state.closed = true;
  state.room = 0;
  state.sweeper?.close();
  clearAll(state);
  state.removals?.close();
}

/** `invalidateWhere`: removes the live entries that match. */
export function removeWhere<Key, Value>(
  state: CacheState<Key, Value>,
  matches: (value: Value, key: Key) => boolean,
): number {
  state.assertOpen();
  const { table, lifetimes } = state;
  let removed = 0;
  // The predicate may change the cache: a `Map` allows that, but goes on over what is added meanwhile.
  let left = table.index.size;
  try {
    for (const [key, slot] of table.index) {
      if (left-- === 0) break;
      if (lifetimes.isOver(slot)) continue;
      const value = table.values[slot] as Value;
      if (!matches(value, key)) continue;
      if (table.index.get(key) !== slot || table.values[slot] !== value) continue;
      state.actions.drop(slot, 'deleted');
      removed++;
    }
  } finally {
    state.removals?.flush();
  }
  return removed;
}

/** `invalidatePattern`: removes the live entries whose keys are strings that match. */
export function removeMatching<Key, Value>(state: CacheState<Key, Value>, pattern: string): number {
  const compiled = compilePattern(pattern);
  return removeWhere(state, (_value, key) => typeof key === 'string' && compiled.matches(key));
}

/** `resize`: changes the bounds and evicts what is above them. */
export function resizeCache<Key, Value>(
  state: CacheState<Key, Value>,
  bounds: MemoryCacheBounds,
): void {
  state.assertOpen();
  const maxEntries =
    bounds.maxEntries === undefined ? state.maxEntries : checkMaxEntries(bounds.maxEntries);
  const maxBytes = resizedBytes(state, bounds);
  const { table, actions } = state;
  if (state.settings.policy === 'ttl' && isAbove(state, maxEntries, maxBytes)) {
    clearExpired(state);
    if (table.index.size > maxEntries) throw new CacheFullError(maxEntries, 'entries');
    if (table.bytes > maxBytes) throw new CacheFullError(maxBytes, 'bytes');
  }
  state.maxEntries = maxEntries;
  state.maxBytes = maxBytes;
  state.room = maxEntries;
  actions.resized(maxEntries);
  while (isAbove(state, maxEntries, maxBytes) && actions.evictOne());
  state.removals?.flush();
}

function isAbove<Key, Value>(
  { table }: CacheState<Key, Value>,
  maxEntries: number,
  maxBytes: number,
): boolean {
  return table.index.size > maxEntries || table.bytes > maxBytes;
}

function resizedBytes<Key, Value>(
  state: CacheState<Key, Value>,
  { maxBytes }: MemoryCacheBounds,
): number {
  if (maxBytes === undefined) return state.maxBytes;
  if (state.maxBytes === Infinity) {
    throw new ConfigError('maxBytes', maxBytes, 'absent: the cache was created without it');
  }
  return toBytes('maxBytes', maxBytes);
}
