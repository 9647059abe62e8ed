import {
  checkFunction,
  checkKnown,
  checkOneOf,
  Lifecycle,
  type Closeable,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import { CacheMissError } from '../errors.ts';
import { checkKey, checkKeys } from '../keys/check-key.ts';
import { CacheLoader } from '../loading/cache-loader.ts';
import type { Loader } from '../loading/load-context.ts';
import type { ManyLoader } from '../loading/load-many.ts';
import { LoadRunner } from '../loading/load-runner.ts';
import { assembleCache, type CacheParts } from './assemble-cache.ts';
import type { CacheContext } from '../context/cache-context.ts';
import { CacheInvalidator } from './cache-invalidator.ts';
import { CacheWarmer, type WarmItem } from './cache-warmer.ts';
import { CacheReader, type Found } from './cache-reader.ts';
import { CacheWriter } from './cache-writer.ts';
import { closeCache } from './close-cache.ts';
import { toPairs, type WriteOptions } from '../entries/entry-terms.ts';
import type { TieredCacheEvents } from '../context/events.ts';
import { explain, type Explanation } from './explain.ts';
import { checkHealth, type CacheHealth } from './health.ts';
import { LoadThrough, type LoadOptions } from './load-through.ts';
import type { TieredCacheOptions } from '../context/options.ts';
import {
  nothingDone,
  type CacheHit,
  type CacheResult,
  type LoadResult,
  type Outcome,
} from './results.ts';
import type { Reservation } from '../loading/reservation.ts';
import { reserve } from './reserve.ts';
import { resetCounters, snapshotStats, type TieredCacheStats } from '../context/stats.ts';
import { StoreReader } from '../entries/store-reader.ts';
import { toHit } from './to-hit.ts';
import type { WarmOptions, WarmProgress } from './warm.ts';
import { writeThrough, type SourceWrite } from './write-through.ts';

/**
 * A cache of several tiers: memory, then any number of stores. Reads go from the nearest tier to the
 * farthest and promote what they find; writes and invalidations go to all. One load per key runs at
 * a time, whoever asks; a load that began before a write or an invalidation of its key is never
 * stored after it. Stores in trouble cost time up to `storeTimeout` and then nothing: callers get the
 * loader's value, and writes report `queued`. Values in memory are handed out by reference.
 *
 * Every method rejects with `ClosedError` after {@link close}, with `InvalidKeyError` for a key that is
 * empty or not well-formed, and with `ConfigError` for options that are not right.
 */
export class TieredCache<V> implements Closeable, Listenable<TieredCacheEvents> {
  readonly #parts: CacheParts<V>;
  readonly #context: CacheContext<V>;
  readonly #lifecycle: Lifecycle;
  readonly #loader: CacheLoader<V>;
  readonly #reader: CacheReader<V>;
  readonly #loads: LoadThrough<V>;
  readonly #writer: CacheWriter<V>;
  readonly #invalidator: CacheInvalidator<V>;
  readonly #warmer: CacheWarmer<V>;

  /** @throws ConfigError naming the option that is refused */
  constructor(options: TieredCacheOptions<V> = {}) {
    // What is no object of options is refused below.
    const { name = 'cache' } = (options as typeof options | null) ?? {};
    this.#lifecycle = new Lifecycle(`cache "${name}"`, () => closeCache(this.#parts));
    this.#parts = assembleCache(options, this.#lifecycle);
    this.#context = this.#parts.context;
    const stores = new StoreReader(this.#context);
    const runner = new LoadRunner(this.#context);
    this.#loader = new CacheLoader(this.#context, stores, runner);
    this.#reader = new CacheReader(this.#context, stores);
    this.#loads = new LoadThrough(this.#context, this.#reader, this.#loader, runner);
    this.#writer = new CacheWriter(this.#context);
    this.#invalidator = new CacheInvalidator(this.#context, this.#writer);
    this.#warmer = new CacheWarmer(this.#context, this.#loads, this.#writer);
  }

  get name(): string {
    return this.#context.options.name;
  }

  /** The value, `undefined` on a miss. */
  get(key: string): Promise<V | undefined> {
    const entry = this.#loads.fresh(key) ?? this.#loads.due(key);
    return entry === undefined ? this.#find(key) : Promise.resolve(entry.value);
  }

  /** The value with where it came from, or why there is none. */
  async getResult(key: string): Promise<CacheResult<V>> {
    this.#lifecycle.assertOpen();
    const found = await this.#reader.find(key);
    this.#loads.count(found);
    return this.#toResult(found);
  }

  /** The value. @throws CacheMissError on a miss, with the reason */
  async getOrThrow(key: string): Promise<V> {
    const result = await this.getResult(key);
    if (result.state === 'miss') throw new CacheMissError(key, result.reason);
    return result.value;
  }

  /**
   * The value if memory has it fresh and known to be current; `undefined` otherwise, also when only a
   * store could tell. Synchronous. @throws ClosedError
   */
  getLocal(key: string): V | undefined {
    const entry = this.#loads.fresh(key) ?? this.#loads.due(key);
    if (entry === undefined) this.#lifecycle.assertOpen();
    return entry?.value;
  }

  /**
   * The value, loaded if no tier has it. Concurrent callers share one load and its rejection; nothing
   * failed is cached. A stale value is returned at once and loaded anew in the background. `signal`
   * ends only this caller's wait; the load goes on, unless it still waits for its turn and nobody else for
   * it. `undefined` from the loader is handed on but not stored.
   * @throws what the loader throws; LoadTimeoutError after `loadTimeout.hard`; LoadQueueFullError when
   * more than `loadQueue` loads wait; LoadCycleError when called by a load of the same key, or by one that
   * such a load waits for
   */
  getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    const entry = this.#loads.fresh(key);
    if (entry !== undefined) return Promise.resolve(entry.value);
    return this.getOrSetResult(key, load, options).then(({ value }) => value);
  }

  /** As {@link getOrSet}, with where the value came from. */
  async getOrSetResult(
    key: string,
    load: Loader<V>,
    options: LoadOptions = {},
  ): Promise<LoadResult<V>> {
    this.#lifecycle.assertOpen();
    return this.#loads.one(key, load, options);
  }

  /**
   * What {@link getResult} tells or, on a miss, what somebody else's load gives, or the right to fill the
   * key: `fill(value)` stores as a loader's value is stored, unless the key was changed since; `release()`
   * or `await using` gives it up. Meanwhile, for up to `loadTimeout.hard`, all others who ask for the key wait
   * as for a load, this caller's own `getOrSet` of it too. Counts as a load; a stale value is no miss.
   * @throws LoadQueueFullError when more than `loadQueue` loads wait
   */
  async reserve(key: string, options: LoadOptions = {}): Promise<CacheHit<V> | Reservation<V>> {
    this.#lifecycle.assertOpen();
    const found = await this.#reader.find(key);
    this.#loads.count(found);
    if (found.state === 'miss') return reserve(this.#context, this.#loader, key, found, options);
    return toHit(this.#context.clock, found.entry, found.state, found.tier);
  }

  /** The values of the keys that any tier has, in the order of `keys`. One read per tier. */
  async getMany(keys: readonly string[]): Promise<Map<string, V>> {
    this.#lifecycle.assertOpen();
    const found = await this.#reader.findMany(keys);
    const values = new Map<string, V>();
    for (const [index, key] of keys.entries()) {
      const one = found[index] as Found<V>;
      this.#loads.count(one);
      if (one.state !== 'miss') values.set(key, one.entry.value);
    }
    return values;
  }

  /**
   * The values of all keys, in their order, those that no tier has loaded by as few calls of
   * `loadMany` as there are keys that nobody else is loading. Keys that it does not return are absent.
   * @throws what `loadMany` throws, for all
   */
  async getOrSetMany(
    keys: readonly string[],
    loadMany: ManyLoader<V>,
    options: LoadOptions = {},
  ): Promise<Map<string, V>> {
    this.#lifecycle.assertOpen();
    return this.#loads.many(keys, loadMany, options);
  }

  /** Whether {@link get} would find a value. */
  async has(key: string): Promise<boolean> {
    this.#lifecycle.assertOpen();
    return (await this.#reader.find(key)).state !== 'miss';
  }

  /**
   * Stores a value in every tier; memory has it when the call returns. Safe if this instance is the
   * key's only writer, and against every loader; among several writers of a database use
   * {@link writeThrough} or {@link delete}.
   */
  set(key: string, value: V, options: WriteOptions = {}): Promise<Outcome> {
    try {
      this.#lifecycle.assertOpen();
      return this.#writer.set(key, value, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link set}, one write per tier for all. */
  async setMany(
    values: Iterable<readonly [string, V]>,
    options: WriteOptions = {},
  ): Promise<Outcome> {
    this.#lifecycle.assertOpen();
    return this.#writer.setMany(toPairs(values), options);
  }

  /** Removes a key from every tier; memory obeys when the call returns. */
  async delete(key: string): Promise<Outcome> {
    return this.deleteMany([key]);
  }

  /** As {@link delete}, one write per tier for all. */
  async deleteMany(keys: readonly string[]): Promise<Outcome> {
    this.#lifecycle.assertOpen();
    checkKeys(keys);
    return this.#writer.delete([...new Set(keys)]);
  }

  /**
   * Deletes the key everywhere, runs `write`, and stores what it returns: the write that is safe among
   * several instances and against every loader. `write` is waited for as long as it takes.
   * @throws what `write` throws; the key is absent then
   */
  async writeThrough(key: string, write: SourceWrite<V>, options: WriteOptions = {}): Promise<V> {
    this.#lifecycle.assertOpen();
    return writeThrough(this.#context, this.#writer, key, write, options);
  }

  /**
   * Invalidates every entry that carries any of the tags, by one write. With `keep: 'stale'` such
   * entries are served for up to `staleWhileRevalidate` more while they are loaded anew.
   */
  async invalidateTags(
    tags: readonly string[],
    options: { keep?: 'stale' } = {},
  ): Promise<Outcome> {
    this.#lifecycle.assertOpen();
    checkKnown('options', options, ['keep']);
    const { keep } = options;
    if (keep !== undefined) checkOneOf('keep', keep, ['stale']);
    this.#context.counters.invalidations++;
    return this.#invalidator.tags(tags, keep === 'stale');
  }

  /**
   * Invalidates every key that matches, such as `'user:*'`, by one write where stores share a ledger. That
   * remembers 64 patterns: of more, the older half is forgotten, and everything that was loaded before with it
   * (event `overflow`). For many groups of keys use tags, of which it remembers 10,000.
   * @throws ConfigError for a malformed pattern
   */
  async invalidatePattern(pattern: string): Promise<Outcome> {
    this.#lifecycle.assertOpen();
    this.#context.counters.invalidations++;
    return this.#invalidator.pattern(pattern);
  }

  /**
   * Deletes every key for which `predicate` is true, found in memory and by a scan of the stores; a
   * store that cannot be scanned is cleared. Keys that other instances alone have in memory, or are
   * loading at the moment, are not found: use a tag or a pattern for those.
   * @throws what `predicate` throws
   */
  async invalidateWhere(predicate: (key: string) => boolean): Promise<Outcome> {
    this.#lifecycle.assertOpen();
    this.#context.counters.invalidations++;
    return this.#invalidator.where(checkFunction('predicate', predicate));
  }

  /** Removes everything, or what has expired (where a store sweeps only by itself, that is left to it). */
  async clear(which: 'all' | 'expired' = 'all'): Promise<Outcome> {
    this.#lifecycle.assertOpen();
    checkOneOf('which', which, ['all', 'expired']);
    if (which === 'all') {
      this.#context.counters.invalidations++;
      return this.#writer.clear();
    }
    this.#parts.memory?.clear('expired');
    await Promise.all(
      this.#context.gates.map(async (gate) => {
        const clearExpired = gate.store.clearExpired?.bind(gate.store);
        // What is not removed now is left to the store's own sweep.
        if (clearExpired !== undefined) await gate.housekeep('clearExpired', clearExpired);
      }),
    );
    return nothingDone(this.#context.news.none);
  }

  /**
   * Fills the cache from a source of keys (loaded by `load` where absent) or of `[key, value]` entries.
   * A failing key is counted and reported as an event. Rejects when the source fails, on abort and when
   * the cache closes.
   */
  async warm(
    source: Iterable<WarmItem<V>> | AsyncIterable<WarmItem<V>>,
    options: WarmOptions & LoadOptions & { readonly load?: Loader<V> } = {},
  ): Promise<WarmProgress> {
    this.#lifecycle.assertOpen();
    return this.#warmer.warm(source, options);
  }

  /** What every tier has for a key and why it would or would not be served. Changes nothing. */
  async explain(key: string): Promise<Explanation> {
    this.#lifecycle.assertOpen();
    checkKey(key);
    return explain(this.#context, key, this.#loader.isLoading(key));
  }

  /** A snapshot of the counters. */
  stats(): TieredCacheStats {
    return snapshotStats(this.#context, this.#parts.memory?.stats());
  }

  /** Sets the counters, those of all tiers included, to 0. */
  resetStats(): void {
    resetCounters(this.#context.counters, this.#context.gates);
    this.#parts.memory?.resetStats();
  }

  /** Asks every store, each within `storeTimeout`. Never rejects. */
  health(): Promise<CacheHealth> {
    return checkHealth(this.#context);
  }

  /** @throws ConfigError when there is no such event */
  on<Event extends keyof TieredCacheEvents>(
    event: Event,
    listener: (payload: TieredCacheEvents[Event]) => void,
  ): Unsubscribe {
    return this.#context.events.on(event, listener);
  }

  /**
   * Ends loads (their callers get `ClosedError`), waits for writes under way and for pending
   * invalidations that can be written (an `error` event tells of those that cannot), and closes the
   * stores. Idempotent.
   */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(key: string): Promise<V | undefined> {
    try {
      this.#lifecycle.assertOpen();
      return this.#reader.findAs(key, this.#toValue);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readonly #toValue = (found: Found<V>): V | undefined => {
    this.#loads.count(found);
    return found.state === 'miss' ? undefined : found.entry.value;
  };

  #toResult(found: Found<V>): CacheResult<V> {
    if (found.state === 'miss') return { state: 'miss', value: undefined, reason: found.reason };
    return toHit(this.#context.clock, found.entry, found.state, found.tier);
  }
}

/** A {@link TieredCache}. @throws ConfigError naming the option that is refused */
export function createCache<V>(options: TieredCacheOptions<V> = {}): TieredCache<V> {
  return new TieredCache(options);
}
