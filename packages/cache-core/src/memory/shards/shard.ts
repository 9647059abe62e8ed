import type { EvictionPolicy, Share } from '../../eviction/eviction-policy.ts';
import type { CacheState } from '../cache-state.ts';
import type { EntryTable } from '../entries/entry-table.ts';
import type { Lifetimes } from '../entries/lifetimes.ts';
import type { MemoryCache, MemorySetOptions, RemovalReason } from '../memory-cache.ts';
import { setTerms, type SetTerms } from '../entries/set-terms.ts';

/** Of its share, what every shard can have. */
const FAIR_PART = 0.75;

/** The cache class around a shard, which runs the hot path by itself. */
export interface ShardHost<Key, Value> {
  /** The arrays of the table, the lifetimes or the policy were replaced. */
  rearranged(): void;
  /** Adds what was counted since the last time to the cache's counters. */
  settle(): void;
  /** Entries whose keys are not held here are to be found there from now on. */
  detour(cache: MemoryCache<Key, Value>): void;
}

/**
 * A part of a memory cache with an index, arrays and an eviction policy of its own: what is done there
 * off the hot path, the same for all policies.
 */
export class Shard<Key, Value> {
  readonly table: EntryTable<Key, Value>;
  readonly lifetimes: Lifetimes;
  readonly #state: CacheState<Key, Value>;
  readonly #policy: EvictionPolicy<Key>;
  readonly #host: ShardHost<Key, Value>;
  /** What the policy was told to expect. */
  #share: Share;
  /** The entry that room is being made for; it is not given up itself. */
  #growing = 0;
  /** Whether the policy had to put that one aside. */
  #aside = false;
  /** Its entries are moving to others: it expects nothing any more. */
  #leaving = false;
  /** The slot that {@link moveOne} looks at next where the policy has no first. */
  #cursor = 0;

  constructor(
    state: CacheState<Key, Value>,
    table: EntryTable<Key, Value>,
    lifetimes: Lifetimes,
    policy: EvictionPolicy<Key>,
    host: ShardHost<Key, Value>,
  ) {
    this.#state = state;
    this.table = table;
    this.lifetimes = lifetimes;
    this.#policy = policy;
    this.#host = host;
    this.#share = state.shares.share;
    state.shards.push(this);
    state.front ??= this;
  }

  /**
   * Whether this shard, one of several of a full cache, has so few entries that others are to give one up for it: the keys
   * that came first were of other shards.
   */
  get isShort(): boolean {
    return this.table.index.size < FAIR_PART * this.#state.shares.share.entries;
  }

  /** The slot of the key's entry, if it is alive. */
  liveSlot(key: Key): number | undefined {
    const slot = this.table.index.get(key);
    if (slot === undefined) this.#state.assertOpen();
    else if (!this.lifetimes.isOver(slot)) return slot;
    return undefined;
  }

  /**
   * On what terms the value is to be stored, `undefined` if it is too heavy.
   * @throws `ConfigError` when an option or weight is invalid, and what `weigh` throws
   */
  terms(key: Key, value: Value, options: MemorySetOptions | undefined): SetTerms | undefined {
    const { settings, budget } = this.#state;
    let terms: SetTerms;
    try {
      terms = setTerms(settings, key, value, options);
    } catch (error) {
      return this.fail(key, error);
    }
    if (terms.weight <= budget.maxBytes) return terms;
    this.refuse(key);
    return undefined;
  }

  /**
   * Stores an entry whose key is absent, making room first: by entries of any shard where they have
   * weights, or else of the largest.
   * @returns its slot, or 0 if the policy would rather keep what is there
   */
  take(key: Key, value: Value, weight: number): number {
    const { budget, shares } = this.#state;
    if (budget.bytes + weight > budget.maxBytes) {
      shares.reckon();
      this.adapt();
      if (!this.#policy.admits(this.table.links, weight)) {
        this.refuse(key);
        return 0;
      }
    }
    while (budget.entries >= budget.room || budget.bytes + weight > budget.maxBytes) {
      const made =
        budget.maxBytes === Infinity ? shares.evictFromLargest() : shares.evictAnywhere();
      if (!made) throw this.#state.fullError(false);
    }
    return this.#store(key, value, weight);
  }

  /** Makes room, in all shards, for an entry that gets heavier, without giving up the entry itself. */
  reweigh(slot: number, key: Key, weight: number): void {
    const { table } = this;
    const { budget, shares } = this.#state;
    const most = budget.maxBytes - weight + (table.weights?.[slot] as number);
    this.#growing = slot;
    try {
      while (budget.bytes > most) {
        if (!shares.evictAnywhere()) throw this.#state.fullError(true);
      }
      if (!this.#aside) this.#policy.reweigh(slot, weight);
    } catch (error) {
      this.#putBack(slot);
      this.#growing = 0;
      this.fail(key, error);
    }
    table.setWeight(slot, weight);
    this.#putBack(slot);
    this.#growing = 0;
  }

  /** Gives up one entry. @returns false if the policy has none to give */
  evictOne(): boolean {
    const { links } = this.table;
    this.adapt();
    let victim = this.#policy.victim(links);
    if (victim !== 0 && victim === this.#growing) {
      this.#policy.detach(links, victim);
      this.#aside = true;
      victim = this.#policy.victim(links);
    }
    if (victim !== 0) this.#evict(victim);
    return victim !== 0;
  }

  /** Removes the entry and counts it; listeners are told at the next flush. */
  drop(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void {
    this.#policy.remove(this.table.links, slot);
    this.forget(slot, this.table.keys[slot] as Key, reason);
  }

  /** As {@link drop} for an entry that the policy has let go already. */
  forget(slot: number, key: Key, reason: Exclude<RemovalReason, 'replaced'>): void {
    this.#state.counters.count(reason);
    this.tell(slot, reason);
    this.lifetimes.cancel(slot);
    this.table.release(slot, key);
  }

  /** Has listeners be told of the entry at the next flush. */
  tell(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void {
    const { keys, values } = this.table;
    this.#state.removals?.add(keys[slot] as Key, values[slot] as Value, reason);
  }

  /** The key's value is not stored: neither is an old one left behind. */
  refuse(key: Key): void {
    if (this.#state.closed) return;
    this.#state.counters.refused++;
    const slot = this.table.index.get(key);
    let reason: 'evicted' | 'expired' = 'evicted';
    try {
      if (slot !== undefined && this.lifetimes.isOver(slot)) reason = 'expired';
    } finally {
      // Also when the clock is what failed.
      if (slot !== undefined) this.drop(slot, reason);
      this.#state.removals?.flush();
    }
  }

  /** As {@link refuse}, because something threw, which it goes on to throw. */
  fail(key: Key, error: unknown): never {
    this.refuse(key);
    throw error;
  }

  /** An entry that can expire comes: what its lifetime is counted from. */
  beginLifetime(ttl: number, slidingTtl: number): number {
    if (this.lifetimes.expiring === 0) this.#state.sweeper?.wake();
    return this.lifetimes.reading(ttl, slidingTtl);
  }

  /** Goes by what is to be expected now. */
  adapt(): void {
    const { share } = this.#state.shares;
    if (share === this.#share || this.#leaving) return;
    this.#share = share;
    this.#policy.resize(share);
  }

  /** Shuts the cache off, if it is used directly, and opens it again. */
  bar(barred: boolean): void {
    this.table.bar(barred ? this.#state.barredIndex : undefined);
    this.#host.rearranged();
  }

  /** The cache is spread over others from now on; this shard is what is used directly. */
  detour(cache: MemoryCache<Key, Value>): void {
    this.#host.detour(cache);
  }

  /** No entries will come any more: all are to be moved. */
  leave(): void {
    this.#leaving = true;
    this.#cursor = this.table.reserved;
  }

  /** Moves an entry, or finds that a slot is free. @param target which shard is the key's from now on */
  moveOne(target: (key: Key) => Shard<Key, Value>): void {
    const { index, keys, links } = this.table;
    let slot = this.#policy.first(links);
    if (slot === 0) {
      if (this.#cursor >= this.table.used) this.#cursor = this.table.reserved;
      slot = this.#cursor++;
      if (index.get(keys[slot] as Key) !== slot) return;
    }
    target(keys[slot] as Key).#adopt(this, slot);
  }

  /** Forgets all entries and gives back the memory; neither counts nor tells, nor mends the budget. */
  empty(): void {
    this.table.clear();
    this.lifetimes.clear(this.table.capacity);
    this.#policy.clear();
    this.#host.rearranged();
  }

  settle(): void {
    this.#host.settle();
  }

  /** Takes over an entry of another shard; neither counts nor tells. */
  #adopt(from: Shard<Key, Value>, slot: number): void {
    const key = from.table.keys[slot] as Key;
    const value = from.table.values[slot] as Value;
    const weight = from.table.weights?.[slot] ?? 0;
    this.#policy.arrive(this.table.links, key, weight);
    const to = this.#store(key, value, weight);
    from.lifetimes.handOver(slot, this.lifetimes, to);
    this.#policy.insert(this.table.links, to);
    this.#host.rearranged();
    from.#policy.remove(from.table.links, slot);
    from.lifetimes.cancel(slot);
    from.table.release(slot, key);
  }

  #store(key: Key, value: Value, weight: number): number {
    if (this.table.isFull) this.#grow();
    const slot = this.table.take(key, value);
    if (this.table.weights !== undefined) this.table.setWeight(slot, weight);
    return slot;
  }

  #putBack(slot: number): void {
    if (this.#aside) this.#policy.attach(this.table.links, slot);
    this.#aside = false;
  }

  #evict(slot: number): void {
    if (this.lifetimes.isOver(slot)) this.drop(slot, 'expired');
    else {
      this.#policy.evict(this.table.links, slot);
      this.forget(slot, this.table.keys[slot] as Key, 'evicted');
    }
  }

  #grow(): void {
    this.table.grow(this.#state.shares.share.entries);
    this.lifetimes.grow(this.table.capacity);
    this.#policy.grow(this.table.capacity);
    this.#host.rearranged();
  }
}
