import { defineChannel, type Channel } from '@perf/core';

/** Something went wrong that the caller does not see otherwise. */
export interface CacheErrorEvent {
  readonly cache: string;
  /** What was being done, such as `getMany`, `encode` or `refresh`. */
  readonly operation: string;
  readonly store?: string;
  readonly key?: string;
  readonly error: unknown;
}

/** A loader has settled. */
export interface CacheLoadEvent {
  readonly cache: string;
  readonly key: string;
  /** Milliseconds that the loader took, waiting for its turn included. */
  readonly duration: number;
  readonly outcome: 'loaded' | 'failed' | 'timeout';
}

/** A store stopped answering, or answers again. */
export interface CacheStoreEvent {
  readonly cache: string;
  readonly store: string;
  readonly available: boolean;
}

/** Entries were invalidated by this instance. */
export interface CacheInvalidateEvent {
  readonly cache: string;
  readonly kind: 'key' | 'tag' | 'pattern' | 'all';
  /** How many keys, tags or patterns. */
  readonly count: number;
}

/**
 * So many tags (10,000) or patterns (64) are remembered by now that the oldest of them were forgotten, and with
 * them everything that was loaded before they were invalidated counts as invalidated.
 */
export interface CacheOverflowEvent {
  readonly cache: string;
  readonly kind: 'tag' | 'pattern';
  /** What was loaded before this time is not used any more; in milliseconds since 1970. */
  readonly before: number;
}

/** The events of a tiered cache. */
export interface TieredCacheEvents {
  error: CacheErrorEvent;
  load: CacheLoadEvent;
  store: CacheStoreEvent;
  invalidate: CacheInvalidateEvent;
  overflow: CacheOverflowEvent;
}

/** `perf:cache:error`, `perf:cache:load`, `perf:cache:store`, `perf:cache:invalidate` and `perf:cache:overflow`. */
export const cacheChannels: {
  readonly [Event in keyof TieredCacheEvents]: Channel<TieredCacheEvents[Event]>;
} = {
  error: defineChannel('cache', 'error'),
  load: defineChannel('cache', 'load'),
  store: defineChannel('cache', 'store'),
  invalidate: defineChannel('cache', 'invalidate'),
  overflow: defineChannel('cache', 'overflow'),
};
