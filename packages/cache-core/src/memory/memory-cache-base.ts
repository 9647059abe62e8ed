import type { Unsubscribe } from '@perf/core';
import type { CacheState } from './cache-state.ts';
import { clearEntries, closeCache, removeMatching, removeWhere, resizeCache } from './clearing.ts';
import { iterateEntries, iterateKeys, iterateValues } from './iteration.ts';
import type { MemoryCacheStats } from './memory-cache-stats.ts';
import type {
  MemoryCache,
  MemoryCacheBounds,
  MemoryCacheEvents,
  MemorySetOptions,
} from './memory-cache.ts';
import { snapshot } from './snapshot.ts';

/** The methods of a memory cache that are off the hot path, the same for all policies. */
export abstract class MemoryCacheBase<Key, Value> implements MemoryCache<Key, Value> {
  readonly #state: CacheState<Key, Value>;

  constructor(state: CacheState<Key, Value>) {
    this.#state = state;
  }

  abstract get(key: Key): Value | undefined;
  abstract peek(key: Key): Value | undefined;
  abstract has(key: Key): boolean;
  abstract set(key: Key, value: Value, options?: MemorySetOptions): boolean;
  abstract delete(key: Key): boolean;

  get size(): number {
    return this.#state.table.index.size;
  }

  get bytes(): number {
    return this.#state.table.bytes;
  }

  get maxEntries(): number {
    return this.#state.maxEntries;
  }

  get maxBytes(): number {
    return this.#state.maxBytes;
  }

  remainingTtl(key: Key): number | undefined {
    this.#state.assertOpen();
    const { table, lifetimes } = this.#state;
    const slot = table.index.get(key);
    if (slot === undefined) return undefined;
    const remaining = lifetimes.expiryOf(slot) - lifetimes.now();
    return remaining > 0 ? remaining : undefined;
  }

  clear(which: 'all' | 'expired' = 'all'): number {
    return clearEntries(this.#state, which);
  }

  entries(): IterableIterator<[Key, Value]> {
    this.#state.assertOpen();
    return iterateEntries(this.#state);
  }

  keys(): IterableIterator<Key> {
    this.#state.assertOpen();
    return iterateKeys(this.#state);
  }

  values(): IterableIterator<Value> {
    this.#state.assertOpen();
    return iterateValues(this.#state);
  }

  invalidateWhere(matches: (value: Value, key: Key) => boolean): number {
    return removeWhere(this.#state, matches);
  }

  invalidatePattern(pattern: string): number {
    return removeMatching(this.#state, pattern);
  }

  resize(bounds: MemoryCacheBounds): void {
    resizeCache(this.#state, bounds);
  }

  stats(): MemoryCacheStats {
    return snapshot(this.#state);
  }

  resetStats(): void {
    this.#state.counters.reset();
  }

  on<Event extends keyof MemoryCacheEvents<Key, Value>>(
    event: Event,
    listener: (payload: MemoryCacheEvents<Key, Value>[Event]) => void,
  ): Unsubscribe {
    return this.#state.on(event, listener);
  }

  close(): void {
    closeCache(this.#state);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
