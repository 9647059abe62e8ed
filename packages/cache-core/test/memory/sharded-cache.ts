import { AdaptiveMemoryCache } from '../../src/memory/adaptive-memory-cache.ts';
import { CacheState } from '../../src/memory/cache-state.ts';
import { FifoMemoryCache } from '../../src/memory/fifo-memory-cache.ts';
import { LfuMemoryCache } from '../../src/memory/lfu-memory-cache.ts';
import { LruMemoryCache } from '../../src/memory/lru-memory-cache.ts';
import {
  resolveMemoryCacheOptions,
  type MemoryCacheOptions,
} from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache } from '../../src/memory/memory-cache.ts';
import { S3fifoMemoryCache } from '../../src/memory/s3fifo-memory-cache.ts';
import { ShardedMemoryCache } from '../../src/memory/sharded-memory-cache.ts';
import { SieveMemoryCache } from '../../src/memory/sieve-memory-cache.ts';
import { TtlMemoryCache } from '../../src/memory/ttl-memory-cache.ts';

const CLASSES = {
  adaptive: AdaptiveMemoryCache,
  lru: LruMemoryCache,
  lfu: LfuMemoryCache,
  fifo: FifoMemoryCache,
  sieve: SieveMemoryCache,
  s3fifo: S3fifoMemoryCache,
  ttl: TtlMemoryCache,
} as const;

/** A cache that is spread over so many shards, however small it is. */
export function shardedCache<Key, Value>(
  shards: number,
  options: MemoryCacheOptions<Key, Value>,
): MemoryCache<Key, Value> {
  const settings = resolveMemoryCacheOptions({ seed: 0, ...options });
  const Cache = CLASSES[settings.policy];
  return new ShardedMemoryCache(
    new CacheState<Key, Value>(settings, shards),
    (state) => new Cache(state),
  );
}
