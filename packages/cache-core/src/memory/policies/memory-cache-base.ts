import type { Unsubscribe } from '@perf/core';
import type { CacheState } from '../cache-state.ts';
import {
  clearEntries,
  closeCache,
  removeMatching,
  removeWhere,
  resizeCache,
} from '../passes/clearing.ts';
import { iterateEntries, iterateKeys, iterateValues } from '../passes/iteration.ts';
import type { MemoryCacheStats } from '../stats/memory-cache-stats.ts';
import type {
  MemoryCache,
  MemoryCacheBounds,
  MemoryCacheEvents,
  MemorySetOptions,
} from '../memory-cache.ts';
import { resetCounters, snapshot } from '../stats/snapshot.ts';

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

  abstract remainingTtl(key: Key): number | undefined;

  get size(): number {
    return this.#state.budget.entries;
  }

  get bytes(): number {
    return this.#state.budget.bytes;
  }

  get maxEntries(): number {
    return this.#state.budget.maxEntries;
  }

  get maxBytes(): number {
    return this.#state.budget.maxBytes;
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
    resetCounters(this.#state);
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
