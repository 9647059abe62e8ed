import type { EvictionPolicy } from '../eviction/eviction-policy.ts';
import type { CacheState } from './cache-state.ts';
import type { EntryTable } from './entry-table.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { RemovalReason } from './memory-cache.ts';

/** Of its share, what every shard can have. */
const FAIR_PART = 0.75;

/** The cache class around a shard, which runs the hot path by itself. */
export interface ShardHost {
  /** The arrays of the table, the lifetimes or the policy were replaced. */
  rearranged(): void;
  /** Adds what was counted since the last time to the cache's counters. */
  settle(): void;
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
  readonly #host: ShardHost;

  constructor(
    state: CacheState<Key, Value>,
    table: EntryTable<Key, Value>,
    lifetimes: Lifetimes,
    policy: EvictionPolicy<Key>,
    host: ShardHost,
  ) {
    this.#state = state;
    this.table = table;
    this.lifetimes = lifetimes;
    this.#policy = policy;
    this.#host = host;
    state.shards.push(this);
  }

  /**
   * Whether this shard, one of several of a full cache, has so few entries that others are to give one up for it: the keys
   * that came first were of other shards.
   */
  get isShort(): boolean {
    return this.table.index.size < FAIR_PART * this.#state.share.entries;
  }

  /**
   * Stores an entry whose key is absent, making room first: by entries of any shard where they have
   * weights, or else of the largest.
   */
  take(key: Key, value: Value, weight: number): number {
    const { budget } = this.#state;
    while (budget.entries >= budget.room || budget.bytes + weight > budget.maxBytes) {
      const made =
        budget.maxBytes === Infinity ? this.#state.evictFromLargest() : this.#state.evictAnywhere();
      if (!made) this.refuseFull(key);
    }
    if (this.table.isFull) this.#grow();
    const slot = this.table.take(key, value);
    if (this.table.weights !== undefined) this.table.setWeight(slot, weight);
    return slot;
  }

  /** Makes room for an entry that gets heavier, without giving up the entry itself. */
  reweigh(slot: number, key: Key, weight: number): void {
    const { table } = this;
    const policy = this.#policy;
    const most = this.#state.budget.maxBytes - weight + (table.weights?.[slot] as number);
    let detached = false;
    try {
      if (this.#state.budget.bytes > most) this.#state.reckon();
      while (this.#state.budget.bytes > most) {
        const victim = policy.victim(table.links);
        if (victim === slot) {
          policy.remove(table.links, slot);
          detached = true;
        } else if (victim !== 0) this.#evict(victim);
        else if (!this.#state.evictAnywhere()) throw this.#state.fullError(true);
      }
      if (detached) policy.arrive(table.links, key, weight);
      else policy.reweigh(slot, weight);
    } catch (error) {
      if (detached) this.forget(slot, 'evicted');
      this.refuse(key);
      throw error;
    }
    table.setWeight(slot, weight);
    if (detached) policy.insert(table.links, slot);
  }

  /** Gives up one entry. @returns false if the policy has none to give */
  evictOne(): boolean {
    const victim = this.#policy.victim(this.table.links);
    if (victim !== 0) this.#evict(victim);
    return victim !== 0;
  }

  /** Removes the entry and counts it; listeners are told at the next flush. */
  drop(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void {
    this.#policy.remove(this.table.links, slot);
    this.forget(slot, reason);
  }

  /** As {@link drop} for an entry that the policy has let go already. */
  forget(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void {
    const { removals, counters } = this.#state;
    const { table } = this;
    counters.count(reason);
    if (removals !== undefined) {
      removals.add(table.keys[slot] as Key, table.values[slot] as Value, reason);
    }
    this.lifetimes.cancel(slot);
    table.release(slot);
  }

  /** The key's value is not stored: neither is an old one left behind. */
  refuse(key: Key): void {
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

  /** @throws `CacheFullError` or, if that is why, `ClosedError` */
  refuseFull(key: Key): never {
    const error = this.#state.fullError(this.table.index.has(key));
    this.refuse(key);
    throw error;
  }

  /** The cache's bounds have changed. */
  resized(): void {
    this.#policy.resize(this.#state.share);
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

  #evict(slot: number): void {
    if (this.lifetimes.isOver(slot)) this.drop(slot, 'expired');
    else {
      this.#policy.evict(this.table.links, slot);
      this.forget(slot, 'evicted');
    }
  }

  #grow(): void {
    this.table.grow(this.#state.share.entries);
    this.lifetimes.grow(this.table.capacity);
    this.#policy.grow(this.table.capacity);
    this.#host.rearranged();
  }
}
