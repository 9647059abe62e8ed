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

/** The events of a tiered cache. */
export interface TieredCacheEvents {
  error: CacheErrorEvent;
  load: CacheLoadEvent;
  store: CacheStoreEvent;
  invalidate: CacheInvalidateEvent;
}

/** `perf:cache:error`, `perf:cache:load`, `perf:cache:store` and `perf:cache:invalidate`. */
export const cacheChannels: {
  readonly [Event in keyof TieredCacheEvents]: Channel<TieredCacheEvents[Event]>;
} = {
  error: defineChannel('cache', 'error'),
  load: defineChannel('cache', 'load'),
  store: defineChannel('cache', 'store'),
  invalidate: defineChannel('cache', 'invalidate'),
};
