import { AdaptiveMemoryCache } from '../../src/memory/policies/adaptive-memory-cache.ts';
import { CacheState } from '../../src/memory/cache-state.ts';
import { FifoMemoryCache } from '../../src/memory/policies/fifo-memory-cache.ts';
import { LfuMemoryCache } from '../../src/memory/policies/lfu-memory-cache.ts';
import { LruMemoryCache } from '../../src/memory/policies/lru-memory-cache.ts';
import {
  resolveMemoryCacheOptions,
  type MemoryCacheOptions,
} from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache } from '../../src/memory/memory-cache.ts';
import { S3fifoMemoryCache } from '../../src/memory/policies/s3fifo-memory-cache.ts';
import type { ShardCounting } from '../../src/memory/shards/shard-map.ts';
import { outgrow, spreadCache } from '../../src/memory/shards/sharded-memory-cache.ts';
import { SieveMemoryCache } from '../../src/memory/policies/sieve-memory-cache.ts';
import { TtlMemoryCache } from '../../src/memory/policies/ttl-memory-cache.ts';

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
 * A cache that is spread over so many shards, however small it is.
 * @param counting how many there should be later; as many, unless told otherwise
 */
export function shardedCache<Key, Value>(
  shards: number,
  options: MemoryCacheOptions<Key, Value>,
  counting: ShardCounting = (count) => count,
): MemoryCache<Key, Value> {
  const settings = resolveMemoryCacheOptions({ seed: 0, ...options });
  const Cache = CLASSES[settings.policy];
  const state = new CacheState<Key, Value>(settings, shards);
  return spreadCache(state, () => new Cache(state), counting);
}

/** A cache that is used directly, and what makes it move to shards, as many as `counting` says. */
export function outgrownCache<Key, Value>(
  options: MemoryCacheOptions<Key, Value>,
  counting: ShardCounting,
): [MemoryCache<Key, Value>, outgrown: () => void] {
  const settings = resolveMemoryCacheOptions({ seed: 0, ...options });
  const Cache = CLASSES[settings.policy];
  const state = new CacheState<Key, Value>(settings, 1);
  const create = (): MemoryCache<Key, Value> => new Cache(state);
  const cache = create();
  return [cache, () => outgrow(state, cache, create, counting)];
}
