import { ClosedError, type Unsubscribe } from '@perf/core';
import { CacheFullError } from '../errors.ts';
import type { Share } from '../eviction/eviction-policy.ts';
import { Budget } from './budget.ts';
import type { MemoryCacheSettings } from './memory-cache-options.ts';
import { MemoryCounters } from './memory-cache-stats.ts';
import type { MemoryCacheEvents } from './memory-cache.ts';
import { Removals } from './removals.ts';
import type { Shard } from './shard.ts';
import { needsSweep, sweepSlice } from './sweep.ts';
import { Sweeper } from './sweeper.ts';

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
  /** Over how many shards, made as they are needed, the entries are spread. */
  readonly shardCount: number;
  /** Made by the first listener. */
  removals: Removals<Key, Value> | undefined;
  closed = false;
  /** The shard that {@link evictAnywhere} asks next. */
  #turn = 0;
  /** How many entries there is room for where they have weights, as far as was seen. */
  #fitting: number | undefined;
  /** What those weigh together; less than `maxBytes` where `maxEntries` is reached first. */
  #fittingBytes = Infinity;

  constructor(settings: MemoryCacheSettings<Key, Value>, shardCount: number) {
    const { maxEntries, maxBytes, clock, sweepInterval } = settings;
    this.settings = settings;
    this.shardCount = shardCount;
    this.budget = new Budget(maxEntries, maxBytes);
    this.sweeper =
      sweepInterval === Infinity
        ? undefined
        : new Sweeper(clock, sweepInterval, {
            needed: () => needsSweep(this),
            slice: (from) => sweepSlice(this, from),
          });
  }

  /** What one shard is to expect. */
  get share(): Share {
    const { maxEntries, maxBytes } = this.budget;
    const entries = Math.min(maxEntries, this.#fitting ?? maxEntries);
    return {
      entries: Math.ceil(entries / this.shardCount),
      bytes: Math.min(maxBytes, this.#fittingBytes) / this.shardCount,
    };
  }

  /** Changes the bounds; what is above them leaves right after. */
  resize(maxEntries: number, maxBytes: number): void {
    this.budget.resize(maxEntries, maxBytes);
    this.#fittingBytes = Infinity;
    for (const shard of this.shards) shard.resized();
  }

  /** @throws `ClosedError` once closed */
  assertOpen(): void {
    if (this.closed) throw new ClosedError('the memory cache');
  }

  /** Gives up one entry of any shard, of each in turn. @returns whether there was one to give */
  evictAnywhere(): boolean {
    this.reckon();
    const { shards } = this;
    for (let asked = 0; asked < shards.length; asked++) {
      this.#turn = (this.#turn + 1) % shards.length;
      if (shards[this.#turn]?.evictOne() === true) return true;
    }
    return false;
  }

  /** As {@link evictAnywhere}, of the shard that has most, if that has one to give. */
  evictFromLargest(): boolean {
    let largest = this.shards[0];
    for (const shard of this.shards) {
      if (shard.table.index.size > (largest?.table.index.size ?? 0)) largest = shard;
    }
    return largest?.evictOne() === true || this.evictAnywhere();
  }

  /**
   * The cache is full: as many entries as there are fit. The policies are told at the first time, and when
   * their number or weight has doubled or halved.
   */
  reckon(): void {
    const { budget } = this;
    if (budget.maxBytes === Infinity) return;
    const entries = Math.max(1, budget.entries);
    const bytes = Math.max(1, budget.bytes);
    if (isAbout(entries, this.#fitting) && isAbout(bytes, this.#fittingBytes)) return;
    this.#fitting = entries;
    this.#fittingBytes = bytes;
    for (const shard of this.shards) shard.resized();
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
    this.removals ??= new Removals(this.settings.clock);
    return this.removals.emitter.on(event, listener);
  }
}

/** Whether a figure is neither more than twice nor less than half of what was known. */
function isAbout(figure: number, known: number | undefined): boolean {
  return known !== undefined && figure <= 2 * known && known <= 2 * figure;
}
