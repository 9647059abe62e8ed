import type { ByteSize, Duration, Listenable } from '@perf/core';
import type { MemoryCacheStats } from './stats/memory-cache-stats.ts';

/**
 * Why an entry left a memory cache: it had to make room (`evicted`), its time was over (`expired`), it
 * was deleted or invalidated (`deleted`), the cache was cleared or closed (`cleared`), or its key got
 * another value (`replaced`).
 */
export type RemovalReason = 'evicted' | 'expired' | 'deleted' | 'cleared' | 'replaced';

/** An entry that has left a memory cache. */
export interface Removal<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly reason: RemovalReason;
}

/** The events of a memory cache. */
export interface MemoryCacheEvents<Key, Value> {
  /**
   * An entry has left. Told when the operation that removed it is complete, so a listener may use the
   * cache freely. What listeners themselves remove is told in a later turn of the event loop.
   */
  readonly remove: Removal<Key, Value>;
}

/** Options of one `set`; each replaces the cache's default. */
export interface MemorySetOptions {
  /** How long the entry lives at most; `Infinity` for no limit. @default the cache's `ttl` */
  readonly ttl?: Duration;
  /** How long the entry lives without being read by `get`; `Infinity` for no limit. @default the cache's `slidingTtl` */
  readonly slidingTtl?: Duration;
  /**
   * What the entry weighs, in whole bytes, instead of what `weigh` says. No effect unless the cache
   * has `maxBytes`.
   */
  readonly weight?: number;
}

/** New bounds of a memory cache; what is absent stays. */
export interface MemoryCacheBounds {
  readonly maxEntries?: number;
  /** Only for a cache created with `maxBytes`. */
  readonly maxBytes?: ByteSize;
}

/**
 * A bounded, synchronous cache in this process's memory. Values are handed out by reference. Keys are
 * compared as by a `Map`. An expired entry is never returned, but takes up room (and counts in
 * {@link size}) until a `get`, the sweep or the eviction policy meets it.
 *
 * Time is read from a coarse clock, which lags by at most one turn of the event loop: an entry may be
 * served that much late. Every method but {@link stats}, {@link close} and the getters throws a
 * `ClosedError` after {@link close}.
 */
export interface MemoryCache<Key, Value>
  extends Listenable<MemoryCacheEvents<Key, Value>>, Disposable {
  /** How many entries are held, expired ones that were not yet met included. */
  readonly size: number;
  /** What the entries weigh together; 0 unless the cache has `maxBytes`. */
  readonly bytes: number;
  /** The bound on {@link size}. */
  readonly maxEntries: number;
  /** The bound on {@link bytes}; `Infinity` for none. */
  readonly maxBytes: number;

  /** The value, or `undefined` if there is none. Counts as a use. O(1). */
  get(key: Key): Value | undefined;
  /** As {@link get} but without side effects: not counted, no sliding, no change of the eviction order. */
  peek(key: Key): Value | undefined;
  /** Whether {@link peek} would find an entry (it may hold `undefined`). No side effects. */
  has(key: Key): boolean;
  /** Milliseconds until the entry expires if it is not read: `Infinity` for never, `undefined` if absent. */
  remainingTtl(key: Key): number | undefined;
  /**
   * Stores a value, its lifetime beginning anew. O(1), apart from evictions that make room for its weight.
   *
   * A `set` that does not store never leaves the old value behind: whether it returns `false` or
   * throws, the key is absent afterwards and the call counts as refused.
   * @returns whether it was stored; `false` if it alone weighs more than `maxBytes`, or if it is far
   *   heavier than others and the policy `adaptive` finds what would have to leave worth more
   * @throws `ConfigError` for an unknown option, or an invalid lifetime or weight
   * @throws `CacheFullError` if there is no room and the policy is `ttl`
   * @throws what `weigh` or the `clock` throws
   */
  set(key: Key, value: Value, options?: MemorySetOptions): boolean;
  /** Removes the entry. @returns whether there was one, not expired */
  delete(key: Key): boolean;
  /**
   * Removes all entries and gives back their memory, or removes those that have expired. O(size).
   * @returns how many were removed
   */
  clear(which?: 'all' | 'expired'): number;
  /**
   * The entries that have not expired, oldest key first (in a cache of several shards: of each in turn).
   * Always ends. What stays is visited once, an entry removed meanwhile is not, one added meanwhile may be.
   * No side effects.
   */
  entries(): IterableIterator<[Key, Value]>;
  /** The keys of {@link entries}. */
  keys(): IterableIterator<Key>;
  /** The values of {@link entries}. */
  values(): IterableIterator<Value>;
  /**
   * Removes the entries for which `matches` is true. O(size). What `matches` throws is thrown here; the
   * entries before stay removed.
   * @returns how many were removed
   */
  invalidateWhere(matches: (value: Value, key: Key) => boolean): number;
  /**
   * Removes the entries whose keys are strings that match, where `*` stands for any characters, `?`
   * for one, and `\` makes the next character literal. O(size), and linear in each key.
   * @returns how many were removed
   * @throws `ConfigError` when the pattern is malformed
   */
  invalidatePattern(pattern: string): number;
  /**
   * Changes the bounds, and evicts what is above them before it returns: O(entries evicted), some 0.5 µs
   * each. If it throws, nothing has changed but for expired entries that may have left.
   * @throws `ConfigError` for an unknown option or an invalid bound
   * @throws `CacheFullError` if the policy is `ttl` and too many entries have not expired
   */
  resize(bounds: MemoryCacheBounds): void;
  /** A snapshot of the counters; works after {@link close} too. */
  stats(): MemoryCacheStats;
  /** Sets all counters to 0. */
  resetStats(): void;
  /** Removes all entries (told as `cleared`), all listeners and the timer. Idempotent. */
  close(): void;
}
