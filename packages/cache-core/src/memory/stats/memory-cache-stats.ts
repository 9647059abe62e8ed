import type { RemovalReason } from '../memory-cache.ts';

/**
 * What a memory cache has done since it was created or {@link MemoryCounters.reset}. Always
 * `sets = inserts + updates + refused`, and since creation
 * `size = inserts − (deletes + evictions + expirations + cleared)`.
 */
export interface MemoryCacheStats {
  /** Calls of `get` that found a value. */
  readonly hits: number;
  /** Calls of `get` that found none. */
  readonly misses: number;
  /** `hits / (hits + misses)`, 0 before the first. */
  readonly hitRate: number;
  /** Calls of `set`. */
  readonly sets: number;
  /** Sets of an absent key. */
  readonly inserts: number;
  /** Sets of a present key. */
  readonly updates: number;
  /** Sets that stored nothing: too heavy, an unknown or invalid option or weight, no room, or a `weigh` or `clock` that threw. */
  readonly refused: number;
  /** Entries removed by `delete` and the invalidations. */
  readonly deletes: number;
  /** Entries that had to leave: for room, or because the new value of their key was refused. */
  readonly evictions: number;
  /** Entries removed because their time was over. */
  readonly expirations: number;
  /** Entries removed by `clear('all')` and `close`. */
  readonly cleared: number;
  readonly size: number;
  readonly bytes: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** The counters behind {@link MemoryCacheStats}: plain fields, cheap to increment. */
export class MemoryCounters {
  hits = 0;
  misses = 0;
  inserts = 0;
  updates = 0;
  refused = 0;
  deletes = 0;
  evictions = 0;
  expirations = 0;
  cleared = 0;

  /** Counts a removal. */
  count(reason: Exclude<RemovalReason, 'replaced'>): void {
    if (reason === 'evicted') this.evictions++;
    else if (reason === 'expired') this.expirations++;
    else if (reason === 'deleted') this.deletes++;
    else this.cleared++;
  }

  /** Adds what a shard has counted by itself. */
  add(hits: number, misses: number, inserts: number, updates: number, evictions: number): void {
    this.hits += hits;
    this.misses += misses;
    this.inserts += inserts;
    this.updates += updates;
    this.evictions += evictions;
  }

  reset(): void {
    this.hits = 0;
    this.misses = 0;
    this.inserts = 0;
    this.updates = 0;
    this.refused = 0;
    this.deletes = 0;
    this.evictions = 0;
    this.expirations = 0;
    this.cleared = 0;
  }
}
