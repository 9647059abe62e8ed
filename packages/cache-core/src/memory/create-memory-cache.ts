import { AdaptiveMemoryCache } from './policies/adaptive-memory-cache.ts';
import { CacheState } from './cache-state.ts';
import { FifoMemoryCache } from './policies/fifo-memory-cache.ts';
import { LfuMemoryCache } from './policies/lfu-memory-cache.ts';
import { LruMemoryCache } from './policies/lru-memory-cache.ts';
import { resolveMemoryCacheOptions, type MemoryCacheOptions } from './memory-cache-options.ts';
import type { MemoryCache } from './memory-cache.ts';
import { S3fifoMemoryCache } from './policies/s3fifo-memory-cache.ts';
import { firstShards } from './shards/shard-count.ts';
import { outgrow, spreadCache } from './shards/sharded-memory-cache.ts';
import { SieveMemoryCache } from './policies/sieve-memory-cache.ts';
import { TtlMemoryCache } from './policies/ttl-memory-cache.ts';

const CLASSES = {
  adaptive: AdaptiveMemoryCache,
  lru: LruMemoryCache,
  lfu: LfuMemoryCache,
  fifo: FifoMemoryCache,
  sieve: SieveMemoryCache,
  s3fifo: S3fifoMemoryCache,
  ttl: TtlMemoryCache,
} as const;

/**
 * Creates a bounded, synchronous cache in this process's memory.
 * @throws `ConfigError` naming the first option that is unknown or invalid
 * @example
 * const users = createMemoryCache<number, User>({ maxEntries: 50_000, ttl: '5m' });
 * users.set(7, user);
 * users.get(7);
 */
export function createMemoryCache<Key, Value>(
  options: MemoryCacheOptions<Key, Value> = {},
): MemoryCache<Key, Value> {
  const settings = resolveMemoryCacheOptions(options);
  const Cache = CLASSES[settings.policy];
  const shards = firstShards(settings);
  const state = new CacheState<Key, Value>(settings, shards);
  const create = (): MemoryCache<Key, Value> => new Cache(state);
  if (shards > 1) return spreadCache(state, create);
  const cache = create();
  state.outgrow = (): void => {
    outgrow(state, cache, create);
  };
  return cache;
}
