import { ClosedError, type Unsubscribe } from '@perf/core';
import { CacheFullError } from '../errors.ts';
import { EntryTable } from './entry-table.ts';
import { Lifetimes } from './lifetimes.ts';
import type { MemoryCacheSettings } from './memory-cache-options.ts';
import { MemoryCounters } from './memory-cache-stats.ts';
import type { MemoryCacheEvents, RemovalReason } from './memory-cache.ts';
import { Removals } from './removals.ts';
import { sweepSlice } from './sweep.ts';
import { Sweeper, type Sweepable } from './sweeper.ts';

/** What only the cache itself can do, because its policy takes part. */
export interface CacheActions {
  /** Removes the entry and counts it; listeners are told at the next flush. */
  drop(slot: number, reason: Exclude<RemovalReason, 'replaced'>): void;
  /** Gives up one entry, unless the policy has none to give. */
  evictOne(): boolean;
  /** The bound has changed. */
  resized(maxEntries: number): void;
  /** The table was emptied. */
  emptied(): void;
}

/**
 * Everything in a memory cache but its policy: one class for all policies, so that code which is not
 * on the hot path is shared.
 */
export class CacheState<Key, Value> {
  readonly table: EntryTable<Key, Value>;
  readonly lifetimes: Lifetimes;
  readonly settings: MemoryCacheSettings<Key, Value>;
  readonly counters: MemoryCounters = new MemoryCounters();
  readonly sweeper: Sweeper | undefined;
  readonly actions: CacheActions;
  maxEntries: number;
  maxBytes: number;
  /** `maxEntries`, but 0 once closed: one comparison then stops an insertion for either reason. */
  room: number;
  /** Made by the first listener. */
  removals: Removals<Key, Value> | undefined;
  closed = false;

  constructor(
    settings: MemoryCacheSettings<Key, Value>,
    reservedSlots: number,
    actions: CacheActions,
  ) {
    const { maxEntries, maxBytes, clock, sweepInterval } = settings;
    this.settings = settings;
    this.actions = actions;
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    this.room = maxEntries;
    this.table = new EntryTable(maxEntries, reservedSlots, maxBytes !== Infinity);
    this.lifetimes = new Lifetimes(this.table, clock);
    this.sweeper =
      sweepInterval === Infinity ? undefined : new Sweeper(clock, sweepInterval, sweepable(this));
  }

  /** @throws `ClosedError` once closed */
  assertOpen(): void {
    if (this.closed) throw new ClosedError('the memory cache');
  }

  /**
   * Why there is no room for a key.
   * @throws `ClosedError` if it is because the cache is closed
   */
  fullError(key: Key): CacheFullError {
    this.assertOpen();
    const { index } = this.table;
    return index.size >= this.maxEntries && !index.has(key)
      ? new CacheFullError(this.maxEntries, 'entries')
      : new CacheFullError(this.maxBytes, 'bytes');
  }

  on<Event extends keyof MemoryCacheEvents<Key, Value>>(
    event: Event,
    listener: (payload: MemoryCacheEvents<Key, Value>[Event]) => void,
  ): Unsubscribe {
    this.assertOpen();
    this.removals ??= new Removals(this.settings.clock);
    return this.removals.emitter.on(event, listener);
  }
}

function sweepable<Key, Value>(state: CacheState<Key, Value>): Sweepable {
  return {
    get needed() {
      return state.lifetimes.expiring > 0;
    },
    slice: (from) => sweepSlice(state, from),
  };
}
