import { ClosedError, type Clock, type Unsubscribe } from '@perf/core';
import { CacheFullError } from '../errors.ts';
import { Budget } from './shards/budget.ts';
import { guardClock, type GuardedClock } from './entries/guarded-clock.ts';
import type { MemoryCacheSettings } from './memory-cache-options.ts';
import { MemoryCounters } from './stats/memory-cache-stats.ts';
import type { MemoryCacheEvents } from './memory-cache.ts';
import { Removals } from './removals.ts';
import { wantedShards } from './shards/shard-count.ts';
import type { ShardMap } from './shards/shard-map.ts';
import type { Shard } from './shards/shard.ts';
import { Shares } from './shards/shares.ts';
import { needsSweep, sweepSlice } from './passes/sweep.ts';
import { Sweeper } from './passes/sweeper.ts';

/**
 * Everything in a memory cache that its shards share: one class for all policies, so that code which
 * is not on the hot path is shared too. A small cache has one shard.
 */
export class CacheState<Key, Value> {
  readonly settings: MemoryCacheSettings<Key, Value>;
  readonly budget: Budget;
  readonly counters: MemoryCounters = new MemoryCounters();
  readonly sweeper: Sweeper | undefined;
  readonly shards: Shard<Key, Value>[] = [];
  readonly shares: Shares<Key, Value>;
  /** Which key is in which shard, where there may be several. */
  map: ShardMap<Key, Value> | undefined;
  /** Spreads the cache over shards, where it is used directly so far. */
  outgrow: (() => void) | undefined;
  /** Made by the first listener, gone with the last. */
  removals: Removals<Key, Value> | undefined;
  closed = false;
  /** Whether all entries are being walked over: none must move to another shard. */
  walking = false;
  /** The first shard that was made: of a cache that is not spread, the one that is used directly. */
  front: Shard<Key, Value> | undefined;
  readonly #clock: GuardedClock | undefined;
  #barredIndex: Map<Key, number> | undefined;

  /** @param shardCount over how many shards the entries are spread at first */
  constructor(settings: MemoryCacheSettings<Key, Value>, shardCount: number) {
    const { maxEntries, maxBytes, sweepInterval } = settings;
    this.#clock = guardClock(settings.clock, (barred) => this.front?.bar(barred));
    const clock: Clock = this.#clock ?? settings.clock;
    this.settings = { ...settings, clock };
    this.budget = new Budget(maxEntries, maxBytes);
    this.shares = new Shares(this.budget, this.shards, shardCount);
    this.sweeper =
      sweepInterval === Infinity
        ? undefined
        : new Sweeper(clock, sweepInterval, {
            needed: () => needsSweep(this),
            slice: (from) => sweepSlice(this, from),
          });
  }

  /** Changes the bounds; what is above them leaves right after. */
  resize(maxEntries: number, maxBytes: number): void {
    this.budget.resize(maxEntries, maxBytes);
    this.shares.resized();
  }

  /** Whether an entry that comes only takes the place of another: nobody is to be told, and there is one. */
  get isQuietlyFull(): boolean {
    const { entries, room } = this.budget;
    return entries >= room && entries !== 0 && this.removals === undefined;
  }

  /** Spreads the cache over shards if it is used directly so far and has become too large for that. */
  spreadIfLarge(): void {
    if (this.map === undefined && wantedShards(1, this.budget) > 1) this.outgrow?.();
  }

  /**
   * @throws `ClosedError` once closed
   * @throws `ConfigError` if it is the clock that uses the cache
   */
  assertOpen(): void {
    if (this.closed) throw new ClosedError('the memory cache');
    this.assertIdle();
  }

  /** @throws `ConfigError` if it is the clock that uses the cache */
  assertIdle(): void {
    this.#clock?.assertIdle();
  }

  /** Stands in for the index of a cache while its clock is being asked: every look-up is refused. */
  get barredIndex(): Map<Key, number> {
    if (this.#barredIndex === undefined) {
      const index = new Map<Key, number>();
      index.get = (): undefined => {
        this.assertIdle();
      };
      this.#barredIndex = index;
    }
    return this.#barredIndex;
  }

  /** Runs what must not fail half-way: no clock is asked. */
  still<Result>(run: () => Result): Result {
    return this.#clock === undefined ? run() : this.#clock.still(run);
  }

  /**
   * Why there is no room for a key.
   * @param isPresent whether the key has an entry, which was to be replaced
   * @throws `ClosedError` if it is because the cache is closed
   */
  fullError(isPresent: boolean): CacheFullError {
    this.assertOpen();
    const { budget } = this;
    return budget.entries >= budget.maxEntries && !isPresent
      ? new CacheFullError(budget.maxEntries, 'entries')
      : new CacheFullError(budget.maxBytes, 'bytes');
  }

  on<Event extends keyof MemoryCacheEvents<Key, Value>>(
    event: Event,
    listener: (payload: MemoryCacheEvents<Key, Value>[Event]) => void,
  ): Unsubscribe {
    this.assertOpen();
    this.removals ??= new Removals(this.settings.clock, () => {
      this.removals = undefined;
    });
    return this.removals.on(event, listener);
  }
}
