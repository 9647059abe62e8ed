import { hashKey } from '../eviction/key-hash.ts';
import type { CacheState } from './cache-state.ts';
import { MemoryCacheBase } from './memory-cache-base.ts';
import type { MemoryCacheSettings } from './memory-cache-options.ts';
import type { MemoryCache, MemorySetOptions } from './memory-cache.ts';

/** Up to here one index is quick enough: to grow it takes some 10 ms. */
const LARGEST_UNSHARDED = 250_000;
/**
 * How many entries a shard is to expect. A `Map` doubles at powers of two: just below one, it wastes
 * least, and the shards that get a few more keys than others do not go beyond.
 */
const SHARE = 32_100;
/** What an entry weighs at least, if the number of entries is to be guessed from `maxBytes`. */
const LIGHTEST_ENTRY = 128;

/** Over how many shards the entries of a cache are spread. */
export function shardCount({
  maxEntries,
  maxBytes,
}: Pick<MemoryCacheSettings<never, never>, 'maxEntries' | 'maxBytes'>): number {
  const expected = Math.min(maxEntries, maxBytes / LIGHTEST_ENTRY);
  return expected <= LARGEST_UNSHARDED ? 1 : Math.ceil(expected / SHARE);
}

/**
 * A memory cache of many entries, spread by the hashes of their keys over shards that grow, and evict,
 * by themselves: no operation has to move more than a shard. The bounds hold for all together. When
 * the cache is full, the shard that gets an entry gives one up, or the largest if that one is short of its
 * part; where entries have weights, each shard in turn.
 *
 * Objects and functions have no hash: as keys, they all go to one shard.
 */
export class ShardedMemoryCache<Key, Value> extends MemoryCacheBase<Key, Value> {
  readonly #state: CacheState<Key, Value>;
  readonly #create: (state: CacheState<Key, Value>) => MemoryCache<Key, Value>;
  /** Made when their first entry comes. */
  readonly #shards: (MemoryCache<Key, Value> | undefined)[];
  readonly #count: number;
  readonly #seed: number;

  /** @param create makes a cache for one shard, and adds the shard to the state */
  constructor(
    state: CacheState<Key, Value>,
    create: (state: CacheState<Key, Value>) => MemoryCache<Key, Value>,
  ) {
    super(state);
    this.#state = state;
    this.#create = create;
    this.#count = state.shardCount;
    this.#seed = ~state.settings.seed;
    this.#shards = Array.from<undefined>({ length: this.#count }).fill(undefined);
  }

  get(key: Key): Value | undefined {
    const shard = this.#shards[this.#numberOf(key)];
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
    const number = this.#numberOf(key);
    let shard = this.#shards[number];
    if (shard === undefined) {
      this.#state.assertOpen();
      shard = this.#create(this.#state);
      this.#shards[number] = shard;
    }
    return shard.set(key, value, options);
  }

  delete(key: Key): boolean {
    return this.#shardOf(key)?.delete(key) ?? false;
  }

  #shardOf(key: Key): MemoryCache<Key, Value> | undefined {
    const shard = this.#shards[this.#numberOf(key)];
    if (shard === undefined) this.#state.assertOpen();
    return shard;
  }

  #numberOf(key: Key): number {
    const hash = hashKey(key, this.#seed);
    return hash === undefined ? 0 : ((hash >>> 16) * this.#count) >>> 16;
  }
}
