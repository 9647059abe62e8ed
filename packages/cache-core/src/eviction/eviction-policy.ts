import type { EntryTable } from '../memory/entry-table.ts';
import type { Lifetimes } from '../memory/lifetimes.ts';

/** What an {@link EvictionPolicy} is built from. */
export interface EvictionContext<Key, Value> {
  readonly table: EntryTable<Key, Value>;
  readonly lifetimes: Lifetimes;
  readonly maxEntries: number;
}

/**
 * The order in which a memory cache gives up its entries. A policy owns the words `next`, `prev` and
 * `note` of the records of the slots it was handed, and the reserved slots it asked for by its static
 * `reserved` (at least 1: slot 0 stands for "none").
 *
 * Each cache class names one concrete policy, so that these calls are direct and inlined; the
 * interface only keeps the policies alike.
 */
export interface EvictionPolicy<Key> {
  /** A key that is absent is about to be inserted; called before room is made for it. */
  arrive(key: Key): void;
  /** The slot's key, value, lifetime and weight are set: it takes its place. */
  insert(slot: number): void;
  /** The entry was read. */
  hit(slot: number): void;
  /** The entry got a new value, lifetime or weight under its old key. */
  update(slot: number): void;
  /**
   * The entry to give up next, or 0 for none. May move other entries; the one returned stays where
   * it is until {@link evict} or {@link remove}.
   */
  victim(): number;
  /** The {@link victim} leaves. */
  evict(slot: number): void;
  /** The entry leaves for another reason: it was deleted or its time is over. */
  remove(slot: number): void;
  /** The table now has so many slots, and new arrays. */
  grow(capacity: number): void;
  /** The cache may now hold so many entries; those above leave right after. */
  resize(maxEntries: number): void;
  /** The table was emptied. */
  clear(): void;
}
