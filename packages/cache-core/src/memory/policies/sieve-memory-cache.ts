// Generated from lru-memory-cache.ts by scripts/generate-memory-caches.mjs. Do not edit.
import { SievePolicy } from '../../eviction/sieve.ts';
import type { Budget } from '../shards/budget.ts';
import type { CacheState } from '../cache-state.ts';
import { EntryTable } from '../entries/entry-table.ts';
import { Lifetimes, UNREAD } from '../entries/lifetimes.ts';
import { MemoryCacheBase } from './memory-cache-base.ts';
import type { MemoryCache, MemorySetOptions } from '../memory-cache.ts';
import { Shard } from '../shards/shard.ts';

/**
 * The memory cache with the policy `sieve`, or one shard of it. There is one such class per policy, all
 * from one text (scripts/generate-memory-caches.mjs), so that in each the hot path is monomorphic and
 * inlines its policy however many policies live in the process.
 */
export class SieveMemoryCache<Key, Value> extends MemoryCacheBase<Key, Value> {
  readonly #state: CacheState<Key, Value>;
  readonly #budget: Budget;
  readonly #shard: Shard<Key, Value>;
  readonly #lifetimes: Lifetimes;
  readonly #policy: SievePolicy<Key, Value>;
  readonly #weighed: boolean;
  readonly #sharded: boolean;
  /** Where other entries are, once the cache has been made too large for one shard. */
  #detour: MemoryCache<Key, Value> | undefined;
  /** Whether a set is more than to store: with a weight, or elsewhere. */
  #hasTerms: boolean;
  /** Whether entries come without lifetimes and make room in this shard alone, which is little to do. */
  readonly #plain: boolean;
  readonly #ttl: number;
  readonly #slidingTtl: number;
  // The arrays of the table and of the lifetimes: a hit then has no further to go.
  #index: Map<Key, number>;
  #links: Int32Array;
  #keys: (Key | undefined)[];
  #values: (Value | undefined)[];
  #expiries: Int32Array | undefined;
  // What was counted since it was last settled.
  #hits = 0;
  #misses = 0;
  #inserts = 0;
  #updates = 0;
  #evictions = 0;

  constructor(state: CacheState<Key, Value>) {
    super(state);
    const { settings, budget } = state;
    const { share } = state.shares;
    const table = new EntryTable<Key, Value>(budget, SievePolicy.reserved);
    const lifetimes = new Lifetimes(table.capacity, settings.clock);
    const policy = new SievePolicy({ table, lifetimes, share, seed: settings.seed });
    this.#state = state;
    this.#budget = budget;
    this.#lifetimes = lifetimes;
    this.#policy = policy;
    this.#weighed = budget.maxBytes !== Infinity;
    this.#hasTerms = this.#weighed;
    this.#sharded = state.map !== undefined;
    this.#ttl = settings.ttl;
    this.#slidingTtl = settings.slidingTtl;
    const isUnlimited = settings.ttl === 0 && settings.slidingTtl === 0;
    this.#plain = SievePolicy.isLight && isUnlimited && !this.#sharded;
    this.#index = table.index;
    this.#links = table.links;
    this.#keys = table.keys;
    this.#values = table.values;
    this.#shard = new Shard(state, table, lifetimes, policy, {
      rearranged: () => {
        this.#index = table.index;
        this.#links = table.links;
        this.#keys = table.keys;
        this.#values = table.values;
        this.#expiries = lifetimes.expiries;
      },
      settle: () => {
        const { counters } = state;
        counters.add(this.#hits, this.#misses, this.#inserts, this.#updates, this.#evictions);
        this.#hits = 0;
        this.#misses = 0;
        this.#inserts = 0;
        this.#updates = 0;
        this.#evictions = 0;
      },
      detour: (cache) => {
        this.#detour = cache;
        this.#hasTerms = true;
      },
    });
  }

  get(key: Key): Value | undefined {
    const slot = this.#index.get(key);
    if (slot === undefined) return this.#miss(key);
    if (this.#expiries !== undefined) {
      const expiry = this.#expiries[slot] as number;
      if (expiry !== 0 && !this.#lifetimes.renew(slot, expiry)) return this.#missExpired(slot);
    }
    this.#hits++;
    this.#policy.hit(this.#links, slot);
    return this.#values[slot];
  }

  peek(key: Key): Value | undefined {
    const slot = this.#shard.liveSlot(key);
    return slot === undefined ? this.#detour?.peek(key) : this.#values[slot];
  }

  has(key: Key): boolean {
    return this.#shard.liveSlot(key) !== undefined || this.#detour?.has(key) === true;
  }

  remainingTtl(key: Key): number | undefined {
    const slot = this.#shard.liveSlot(key);
    if (slot === undefined) return this.#detour?.remainingTtl(key);
    return this.#lifetimes.expiryOf(slot) - this.#lifetimes.now();
  }

  set(key: Key, value: Value, options?: MemorySetOptions): boolean {
    if (options !== undefined || this.#hasTerms) return this.#setWith(key, value, options);
    const slot = this.#index.get(key);
    if (slot === undefined) {
      if (this.#plain && this.#exchange(key, value)) return true;
      return this.#insert(key, value, this.#ttl, this.#slidingTtl, 0);
    }
    if (!this.#overwrite(slot, value)) {
      this.#update(slot, key, value, this.#ttl, this.#slidingTtl, 0);
    }
    return true;
  }

  delete(key: Key): boolean {
    const slot = this.#index.get(key);
    if (slot === undefined) {
      this.#state.assertOpen();
      return this.#detour?.delete(key) ?? false;
    }
    const live = !this.#lifetimes.isOver(slot);
    this.#policy.remove(this.#links, slot);
    this.#shard.forget(slot, key, live ? 'deleted' : 'expired');
    this.#state.removals?.flush();
    return live;
  }

  #miss(key: Key): Value | undefined {
    if (this.#detour !== undefined) return this.#detour.get(key);
    this.#state.assertOpen();
    this.#misses++;
    return undefined;
  }

  #missExpired(slot: number): undefined {
    this.#shard.drop(slot, 'expired');
    this.#misses++;
    this.#state.removals?.flush();
  }

  #setWith(key: Key, value: Value, options: MemorySetOptions | undefined): boolean {
    const state = this.#state;
    state.assertOpen();
    if (this.#detour !== undefined && !this.#index.has(key)) {
      return this.#detour.set(key, value, options);
    }
    const terms = this.#shard.terms(key, value, options);
    if (terms === undefined) return false;
    const slot = this.#index.get(key);
    const { ttl, slidingTtl, weight } = terms;
    if (slot !== undefined) return this.#update(slot, key, value, ttl, slidingTtl, weight);
    const stored = this.#insert(key, value, ttl, slidingTtl, weight);
    if (this.#weighed) state.spreadIfLarge();
    return stored;
  }

  /** {@link #insert} into a full cache where it is short enough to be inlined. @returns false if there is more to do */
  #exchange(key: Key, value: Value): boolean {
    if (this.#expiries !== undefined || !this.#state.isQuietlyFull) return false;
    const links = this.#links;
    this.#policy.arrive(links, key, 0);
    const slot = this.#policy.victim(links);
    if (slot === 0) return false;
    this.#policy.evict(links, slot);
    this.#index.delete(this.#keys[slot] as Key);
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#index.set(key, slot);
    this.#policy.insert(links, slot);
    this.#evictions++;
    this.#inserts++;
    return true;
  }

  /** @returns false if the policy would rather keep what is there */
  #insert(key: Key, value: Value, ttl: number, slidingTtl: number, weight: number): boolean {
    const limited = ttl !== 0 || slidingTtl !== 0;
    try {
      const now = limited ? this.#shard.beginLifetime(ttl, slidingTtl) : UNREAD;
      this.#policy.arrive(this.#links, key, weight);
      let slot = 0;
      if (this.#budget.entries >= this.#budget.room && !this.#weighed) {
        slot = this.#takeVictim(key, value, ttl, slidingTtl, now);
      }
      if (slot === 0) {
        slot = this.#shard.take(key, value, weight);
        if (slot === 0) return false;
        if (limited) this.#expiries = this.#lifetimes.assign(slot, ttl, slidingTtl, now);
      }
      this.#policy.insert(this.#links, slot);
    } catch (error) {
      return this.#shard.fail(key, error);
    }
    this.#inserts++;
    this.#state.removals?.flush();
    return true;
  }

  /** {@link #update} where it is short enough to be inlined. @returns false if there is more to do */
  #overwrite(slot: number, value: Value): boolean {
    if (this.#state.removals !== undefined || this.#slidingTtl !== 0) return false;
    const ttl = this.#ttl;
    if (ttl === 0 ? this.#expiries !== undefined : !this.#lifetimes.extend(slot, ttl)) return false;
    this.#values[slot] = value;
    this.#policy.update(this.#links, slot);
    this.#updates++;
    return true;
  }

  #update(
    slot: number,
    key: Key,
    value: Value,
    ttl: number,
    slidingTtl: number,
    weight: number,
  ): boolean {
    const { removals } = this.#state;
    const limited = ttl !== 0 || slidingTtl !== 0;
    let now = UNREAD;
    let isOver: boolean;
    try {
      if (limited) now = this.#shard.beginLifetime(ttl, slidingTtl);
      isOver = this.#expiries !== undefined && this.#lifetimes.end(slot, now);
    } catch (error) {
      return this.#shard.fail(key, error);
    }
    if (isOver) {
      this.#shard.drop(slot, 'expired');
      return this.#insert(key, value, ttl, slidingTtl, weight);
    }
    if (this.#weighed) this.#shard.reweigh(slot, key, weight);
    if (removals !== undefined) removals.replaced(key, this.#values[slot] as Value, value);
    this.#values[slot] = value;
    if (limited) this.#expiries = this.#lifetimes.assign(slot, ttl, slidingTtl, now);
    this.#policy.update(this.#links, slot);
    this.#updates++;
    if (removals !== undefined) removals.flush();
    return true;
  }

  /** The slot of the entry that has to leave, taken over at once; 0 if it is to be one of another shard. */
  #takeVictim(key: Key, value: Value, ttl: number, slidingTtl: number, now: number): number {
    if (this.#sharded && this.#shard.isShort) return 0;
    const slot = this.#policy.victim(this.#links);
    if (slot === 0) return 0;
    const mayExpire = now !== UNREAD || this.#expiries !== undefined;
    const isOver = mayExpire && this.#lifetimes.takeOver(slot, ttl, slidingTtl, now);
    this.#expiries = this.#lifetimes.expiries;
    if (isOver) {
      this.#policy.remove(this.#links, slot);
      this.#state.counters.expirations++;
    } else {
      this.#policy.evict(this.#links, slot);
      this.#evictions++;
    }
    if (this.#state.removals !== undefined) this.#shard.tell(slot, isOver ? 'expired' : 'evicted');
    this.#index.delete(this.#keys[slot] as Key);
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#index.set(key, slot);
    return slot;
  }
}
