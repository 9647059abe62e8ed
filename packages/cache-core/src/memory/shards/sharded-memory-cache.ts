import type { CacheState } from '../cache-state.ts';
import { MemoryCacheBase } from '../policies/memory-cache-base.ts';
import type { MemoryCache, MemorySetOptions } from '../memory-cache.ts';
import { wantedShards } from './shard-count.ts';
import { ShardMap, type ShardCounting } from './shard-map.ts';
import type { Shard } from './shard.ts';

/**
 * A memory cache of many entries, spread by the hashes of their keys over shards that grow, and evict,
 * by themselves: no operation has to move more than a shard. The bounds hold for all together. When
 * the cache is full, the shard that gets an entry gives one up, or the largest if that one is short of its
 * part; where entries have weights, each shard in turn.
 */
export class ShardedMemoryCache<Key, Value> extends MemoryCacheBase<Key, Value> {
  readonly #state: CacheState<Key, Value>;
  readonly #map: ShardMap<Key, Value>;

  constructor(state: CacheState<Key, Value>, map: ShardMap<Key, Value>) {
    super(state);
    this.#state = state;
    this.#map = map;
    state.map = map;
  }

  get(key: Key): Value | undefined {
    const shard = this.#map.find(key);
    if (shard !== undefined) return shard.get(key);
    this.#state.assertOpen();
    this.#state.counters.misses++;
    return undefined;
  }

  peek(key: Key): Value | undefined {
    return this.#shardOf(key)?.peek(key);
  }

  has(key: Key): boolean {
    return this.#shardOf(key)?.has(key) ?? false;
  }

  remainingTtl(key: Key): number | undefined {
    return this.#shardOf(key)?.remainingTtl(key);
  }

  set(key: Key, value: Value, options?: MemorySetOptions): boolean {
    const stored = this.#map.place(key).set(key, value, options);
    this.#map.advance();
    return stored;
  }

  delete(key: Key): boolean {
    return this.#shardOf(key)?.delete(key) ?? false;
  }

  #shardOf(key: Key): MemoryCache<Key, Value> | undefined {
    const shard = this.#map.find(key);
    if (shard === undefined) this.#state.assertOpen();
    return shard;
  }
}

/**
 * A cache that is spread over shards from the start.
 * @param create makes a cache for one shard, and adds the shard to the state
 */
export function spreadCache<Key, Value>(
  state: CacheState<Key, Value>,
  create: () => MemoryCache<Key, Value>,
  counting?: ShardCounting,
): MemoryCache<Key, Value> {
  return new ShardedMemoryCache(state, new ShardMap(state, create, counting));
}

/** Spreads a cache over shards that has been used by itself, and that goes on being what is used. */
export function outgrow<Key, Value>(
  state: CacheState<Key, Value>,
  cache: MemoryCache<Key, Value>,
  create: () => MemoryCache<Key, Value>,
  counting: ShardCounting = wantedShards,
): void {
  const shard = state.front as Shard<Key, Value>;
  state.shares.count = counting(1, state.budget);
  const map = new ShardMap(state, create, counting);
  map.absorb({ cache, shard });
  shard.detour(new ShardedMemoryCache(state, map));
}
