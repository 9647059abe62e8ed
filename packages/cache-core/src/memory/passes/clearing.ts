import { checkKnown, ConfigError, toBytes } from '@perf/core';
import { CacheFullError } from '../../errors.ts';
import { compilePattern } from '../../invalidation/pattern.ts';
import type { Budget } from '../shards/budget.ts';
import type { CacheState } from '../cache-state.ts';
import { checkMaxEntries } from '../memory-cache-options.ts';
import type { MemoryCacheBounds } from '../memory-cache.ts';
import type { Shard } from '../shards/shard.ts';

const BOUNDS: readonly (keyof MemoryCacheBounds)[] = ['maxEntries', 'maxBytes'];

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
  let removed = 0;
  for (const shard of state.shards) {
    const { table, lifetimes } = shard;
    for (let slot = table.reserved; slot < table.used && lifetimes.expiring > 0; slot++) {
      if (!lifetimes.isOver(slot)) continue;
      shard.drop(slot, 'expired');
      removed++;
    }
  }
  state.removals?.flush();
  return removed;
}

function clearAll<Key, Value>(state: CacheState<Key, Value>): number {
  const { budget, removals } = state;
  const removed = budget.entries;
  for (const shard of state.shards) {
    const { table } = shard;
    if (removals !== undefined) {
      for (const [key, slot] of table.index) {
        removals.add(key, table.values[slot] as Value, 'cleared');
      }
    }
    shard.empty();
  }
  budget.entries = 0;
  budget.bytes = 0;
  state.counters.cleared += removed;
  removals?.flush();
  return removed;
}

/** `close`: clears, tells the listeners, and lets go of them and of the timer. */
export function closeCache<Key, Value>(state: CacheState<Key, Value>): void {
  if (state.closed) return;
  state.closed = true;
  state.budget.room = 0;
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
  let removed = 0;
  const outer = state.walking;
  state.walking = true;
  try {
    for (const shard of state.shards.slice()) {
      for (const slot of matchingSlots(shard, matches)) {
        shard.drop(slot, 'deleted');
        removed++;
      }
    }
  } finally {
    state.walking = outer;
    state.removals?.flush();
  }
  return removed;
}

function* matchingSlots<Key, Value>(
  { table, lifetimes }: Shard<Key, Value>,
  matches: (value: Value, key: Key) => boolean,
): IterableIterator<number> {
  // The predicate may change the cache: a `Map` allows that, but goes on over what is added meanwhile.
  let left = table.index.size;
  for (const [key, slot] of table.index) {
    if (left-- === 0) return;
    if (lifetimes.isOver(slot)) continue;
    const value = table.values[slot] as Value;
    if (!matches(value, key)) continue;
    if (table.index.get(key) === slot && Object.is(table.values[slot], value)) yield slot;
  }
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
  checkKnown('resize', bounds, BOUNDS);
  const { budget, settings } = state;
  const maxEntries =
    bounds.maxEntries === undefined ? budget.maxEntries : checkMaxEntries(bounds.maxEntries);
  const maxBytes = resizedBytes(budget, bounds);
  // A clock that fails does so before anything has changed.
  settings.clock.coarse();
  state.still(() => {
    if (settings.policy === 'ttl') makeRoom(state, maxEntries, maxBytes);
    state.resize(maxEntries, maxBytes);
    while (isAbove(budget, maxEntries, maxBytes) && state.shares.evictAnywhere());
  });
  state.spreadIfLarge();
  state.map?.advance();
  state.removals?.flush();
}

/** For the policy `ttl`, which does not evict. */
function makeRoom<Key, Value>(
  state: CacheState<Key, Value>,
  maxEntries: number,
  maxBytes: number,
): void {
  const { budget } = state;
  if (!isAbove(budget, maxEntries, maxBytes)) return;
  clearExpired(state);
  if (budget.entries > maxEntries) throw new CacheFullError(maxEntries, 'entries');
  if (budget.bytes > maxBytes) throw new CacheFullError(maxBytes, 'bytes');
}

function isAbove(budget: Budget, maxEntries: number, maxBytes: number): boolean {
  return budget.entries > maxEntries || budget.bytes > maxBytes;
}

function resizedBytes(budget: Budget, { maxBytes }: MemoryCacheBounds): number {
  if (maxBytes === undefined) return budget.maxBytes;
  if (budget.maxBytes === Infinity) {
    throw new ConfigError('maxBytes', maxBytes, 'absent: the cache was created without it');
  }
  return toBytes('maxBytes', maxBytes);
}
