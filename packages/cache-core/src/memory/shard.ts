import type { EntryTable } from './entry-table.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { RemovalReason } from './memory-cache.ts';

/** A part of a memory cache with an index, arrays and an eviction policy of its own. */
export interface Shard<Key, Value> {
  readonly table: EntryTable<Key, Value>;
  readonly lifetimes: Lifetimes;
  /** Removes the entry and counts it; listeners are told at the next flush. */
  drop(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void;
  /** Gives up one entry. @returns false if the policy has none to give */
  evictOne(): boolean;
  /** The cache's bounds have changed: so many entries are to be expected from now on. */
  resized(share: number): void;
  /** Forgets all entries and gives back the memory; neither counts nor tells, nor mends the budget. */
  empty(): void;
  /** Adds what was counted since the last time to the cache's counters. */
  settle(): void;
}
