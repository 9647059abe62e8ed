import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { Lifetimes } from '../memory/entries/lifetimes.ts';

/** What one shard is to expect. */
export interface Share {
  /** How many entries at most; there may be a few per cent more. */
  readonly entries: number;
  /** What they weigh together; `Infinity` where entries have no weight. */
  readonly bytes: number;
}

/** What an {@link EvictionPolicy} is built from. */
export interface EvictionContext<Key, Value> {
  readonly table: EntryTable<Key, Value>;
  readonly lifetimes: Lifetimes;
  readonly share: Share;
  /** Of the hashes of keys, a 32-bit integer. */
  readonly seed: number;
}

/**
 * The order in which a memory cache gives up its entries. A policy owns the links of the slots it was
 * handed, and the reserved slots it asked for by its static `reserved` (at least 1: slot 0 stands for
 * "none"), and its static `isLight` tells whether the calls at an insertion are short enough to be inlined
 * together where a user sets. What else it knows of an entry it keeps in arrays of its own.
 *
 * Each cache class names one concrete policy, so that these calls are direct and inlined; the
 * interface only keeps the policies alike. `links` are the table's, which the caller has at hand.
 */
export interface EvictionPolicy<Key> {
  /**
   * A key that is absent is about to be inserted; called before room is made for it. No other key
   * arrives between this and {@link insert}.
   * @param weight 0 where entries have none
   */
  arrive(links: Int32Array, key: Key, weight: number): void;
  /** The slot's key, value, lifetime and weight are set: it takes its place. */
  insert(links: Int32Array, slot: number): void;
  /** The entry was read. */
  hit(links: Int32Array, slot: number): void;
  /** The entry's weight, which still stands in the table, is about to change to this. */
  reweigh(slot: number, weight: number): void;
  /** The entry got a new value, lifetime or weight under its old key. */
  update(links: Int32Array, slot: number): void;
  /**
   * The entry to give up next, or 0 for none. May move other entries; the one returned stays where
   * it is until {@link evict} or {@link remove}.
   */
  victim(links: Int32Array): number;
  /** The {@link victim} leaves. */
  evict(links: Int32Array, slot: number): void;
  /** The entry leaves for another reason: it was deleted or its time is over. */
  remove(links: Int32Array, slot: number): void;
  /** The entry to move first to another table, 0 if any will do: its order there is to be the same. */
  first(links: Int32Array): number;
  /** The {@link victim} is to stay: it is put aside, with all that is known of it. */
  detach(links: Int32Array, slot: number): void;
  /** The entry that was put aside is the last again to leave, of those in its queue. */
  attach(links: Int32Array, slot: number): void;
  /**
   * Whether the key that {@link arrive} was told of is worth what has to leave for it. If not it does not
   * come, but may be remembered.
   */
  admits(links: Int32Array, weight: number): boolean;
  /** The table now has so many slots, and new arrays. */
  grow(capacity: number): void;
  /** So much is to be expected from now on; what is above leaves right after. */
  resize(share: Share): void;
  /** The table was emptied. */
  clear(): void;
}
