// Generated from lru-memory-cache.ts by scripts/generate-memory-caches.mjs. Do not edit.
import { LfuPolicy } from '../eviction/lfu.ts';
import { CacheState } from './cache-state.ts';
import type { EntryTable } from './entry-table.ts';
import { UNREAD, type Lifetimes } from './lifetimes.ts';
import { MemoryCacheBase } from './memory-cache-base.ts';
import type { MemoryCacheSettings } from './memory-cache-options.ts';
import type { MemoryCounters } from './memory-cache-stats.ts';
import type { MemorySetOptions, RemovalReason } from './memory-cache.ts';
import { setTerms, type SetTerms } from './set-terms.ts';

/**
 * The memory cache with the policy `lfu`. There is one such class per policy, all from one text
 * (scripts/generate-memory-caches.mjs), so that in each the hot path is monomorphic and inlines its
 * policy however many policies live in the process.
 */
export class LfuMemoryCache<Key, Value> extends MemoryCacheBase<Key, Value> {
  readonly #state: CacheState<Key, Value>;
  readonly #policy: LfuPolicy<Key, Value>;
  readonly #index: Map<Key, number>;
  readonly #table: EntryTable<Key, Value>;
  readonly #lifetimes: Lifetimes;
  readonly #counters: MemoryCounters;
  readonly #counting: boolean;
  readonly #weighed: boolean;
  readonly #ttl: number;
  readonly #slidingTtl: number;

  constructor(settings: MemoryCacheSettings<Key, Value>) {
    const state = new CacheState<Key, Value>(settings, LfuPolicy.reserved, {
      drop: (slot, reason) => {
        this.#drop(slot, reason);
      },
      evictOne: () => this.#evictOne(),
      resized: (maxEntries) => {
        this.#policy.resize(maxEntries);
      },
      emptied: () => {
        this.#policy.clear();
      },
    });
    super(state);
    this.#state = state;
    this.#policy = new LfuPolicy(state);
    this.#index = state.table.index;
    this.#table = state.table;
    this.#lifetimes = state.lifetimes;
    this.#counters = state.counters;
    this.#counting = settings.stats;
    this.#weighed = settings.maxBytes !== Infinity;
    this.#ttl = settings.ttl;
    this.#slidingTtl = settings.slidingTtl;
  }

  get(key: Key): Value | undefined {
    const slot = this.#index.get(key);
    if (slot === undefined) return this.#miss();
    const table = this.#table;
    const expiry = table.records[(slot << 2) + 3] as number;
    if (expiry !== 0 && !this.#lifetimes.renew(slot, expiry)) return this.#missExpired(slot);
    if (this.#counting) this.#counters.hits++;
    this.#policy.hit(slot);
    return table.values[slot];
  }

  peek(key: Key): Value | undefined {
    const slot = this.#liveSlot(key);
    return slot === undefined ? undefined : this.#table.values[slot];
  }

  has(key: Key): boolean {
    return this.#liveSlot(key) !== undefined;
  }

  set(key: Key, value: Value, options?: MemorySetOptions): boolean {
    if (options !== undefined || this.#weighed) return this.#setWith(key, value, options);
    const slot = this.#index.get(key);
    if (slot === undefined) this.#insert(key, value, this.#ttl, this.#slidingTtl, 0);
    else this.#update(slot, key, value, this.#ttl, this.#slidingTtl, 0);
    return true;
  }

  delete(key: Key): boolean {
    const slot = this.#index.get(key);
    if (slot === undefined) {
      this.#state.assertOpen();
      return false;
    }
    const live = !this.#lifetimes.isOver(slot);
    this.#drop(slot, live ? 'deleted' : 'expired');
    this.#state.removals?.flush();
    return live;
  }

  #miss(): undefined {
    this.#state.assertOpen();
    if (this.#counting) this.#counters.misses++;
  }

  #missExpired(slot: number): undefined {
    this.#drop(slot, 'expired');
    if (this.#counting) this.#counters.misses++;
    this.#state.removals?.flush();
  }

  #liveSlot(key: Key): number | undefined {
    const slot = this.#index.get(key);
    if (slot === undefined) this.#state.assertOpen();
    else if (!this.#lifetimes.isOver(slot)) return slot;
    return undefined;
  }

  #setWith(key: Key, value: Value, options: MemorySetOptions | undefined): boolean {
    const state = this.#state;
    state.assertOpen();
    let terms: SetTerms;
    try {
      terms = setTerms(state.settings, key, value, options);
    } catch (error) {
      this.#refuse(key);
      throw error;
    }
    if (terms.weight > state.maxBytes) {
      this.#refuse(key);
      return false;
    }
    const slot = this.#index.get(key);
    if (slot === undefined) this.#insert(key, value, terms.ttl, terms.slidingTtl, terms.weight);
    else this.#update(slot, key, value, terms.ttl, terms.slidingTtl, terms.weight);
    return true;
  }

  #insert(key: Key, value: Value, ttl: number, slidingTtl: number, weight: number): void {
    const state = this.#state;
    const limited = ttl !== 0 || slidingTtl !== 0;
    const now = limited ? this.#lifetimes.now() : UNREAD;
    this.#policy.arrive(key);
    let slot: number;
    if (this.#weighed) slot = this.#takeWeighed(key, value, weight);
    else if (this.#index.size >= state.room) slot = this.#takeVictim(key, value, now);
    else slot = this.#take(key, value);
    if (limited) {
      this.#lifetimes.assign(slot, ttl, slidingTtl, now);
      state.sweeper?.wake();
    }
    this.#policy.insert(slot);
    if (this.#counting) this.#counters.inserts++;
    if (state.removals !== undefined) state.removals.flush();
  }

  #update(
    slot: number,
    key: Key,
    value: Value,
    ttl: number,
    slidingTtl: number,
    weight: number,
  ): void {
    const table = this.#table;
    const { removals, sweeper } = this.#state;
    const limited = ttl !== 0 || slidingTtl !== 0;
    const now = limited ? this.#lifetimes.now() : UNREAD;
    if (table.records[(slot << 2) + 3] !== 0 && this.#lifetimes.end(slot, now)) {
      this.#drop(slot, 'expired');
      this.#insert(key, value, ttl, slidingTtl, weight);
      return;
    }
    if (this.#weighed) this.#reweigh(slot, key, weight);
    if (removals !== undefined) removals.replaced(key, table.values[slot] as Value, value);
    table.values[slot] = value;
    if (limited) {
      this.#lifetimes.assign(slot, ttl, slidingTtl, now);
      sweeper?.wake();
    }
    this.#policy.update(slot);
    if (this.#counting) this.#counters.updates++;
    if (removals !== undefined) removals.flush();
  }

  #take(key: Key, value: Value): number {
    if (this.#table.isFull) this.#grow();
    return this.#table.take(key, value);
  }

  /** The slot of the entry that had to leave, taken over at once. */
  #takeVictim(key: Key, value: Value, now: number): number {
    const table = this.#table;
    const slot = this.#policy.victim();
    if (slot === 0) this.#refuseFull(key);
    const { removals } = this.#state;
    const expired = table.records[(slot << 2) + 3] !== 0 && this.#lifetimes.end(slot, now);
    if (expired) this.#policy.remove(slot);
    else this.#policy.evict(slot);
    const reason = expired ? 'expired' : 'evicted';
    if (this.#counting) this.#counters.count(reason);
    if (removals !== undefined) {
      removals.add(table.keys[slot] as Key, table.values[slot] as Value, reason);
    }
    table.replace(slot, key, value);
    return slot;
  }

  #takeWeighed(key: Key, value: Value, weight: number): number {
    const state = this.#state;
    while (this.#index.size >= state.room || this.#table.bytes + weight > state.maxBytes) {
      if (!this.#evictOne()) this.#refuseFull(key);
    }
    const slot = this.#take(key, value);
    this.#table.setWeight(slot, weight);
    return slot;
  }

  /** Makes room for an entry that gets heavier, without giving up the entry itself. */
  #reweigh(slot: number, key: Key, weight: number): void {
    const table = this.#table;
    const policy = this.#policy;
    const most = this.#state.maxBytes - weight + (table.weights?.[slot] as number);
    let detached = false;
    while (table.bytes > most) {
      const victim = policy.victim();
      if (victim === 0) this.#refuseFull(key);
      if (victim === slot) {
        policy.remove(slot);
        detached = true;
      } else this.#evict(victim);
    }
    if (detached) policy.insert(slot);
    table.setWeight(slot, weight);
  }

  #evictOne(): boolean {
    const victim = this.#policy.victim();
    if (victim !== 0) this.#evict(victim);
    return victim !== 0;
  }

  #evict(slot: number): void {
    if (this.#lifetimes.isOver(slot)) this.#drop(slot, 'expired');
    else {
      this.#policy.evict(slot);
      if (this.#counting) this.#counters.evictions++;
      this.#forget(slot, 'evicted');
    }
  }

  #drop(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void {
    this.#policy.remove(slot);
    if (this.#counting) this.#counters.count(reason);
    this.#forget(slot, reason);
  }

  #forget(slot: number, reason: RemovalReason): void {
    const table = this.#table;
    const { removals } = this.#state;
    if (removals !== undefined) {
      removals.add(table.keys[slot] as Key, table.values[slot] as Value, reason);
    }
    if (table.records[(slot << 2) + 3] !== 0) this.#lifetimes.cancel(slot);
    table.release(slot);
  }

  #grow(): void {
    const table = this.#table;
    table.grow(this.#state.maxEntries);
    this.#lifetimes.grow(table.capacity);
    this.#policy.grow(table.capacity);
  }

  #refuse(key: Key): void {
    if (this.#counting) this.#counters.refused++;
    const slot = this.#index.get(key);
    if (slot !== undefined) this.#drop(slot, this.#lifetimes.isOver(slot) ? 'expired' : 'evicted');
    this.#state.removals?.flush();
  }

  #refuseFull(key: Key): never {
    const error = this.#state.fullError(key);
    this.#refuse(key);
    throw error;
  }
}
