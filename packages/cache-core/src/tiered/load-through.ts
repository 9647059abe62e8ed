import { setMaxListeners } from 'node:events';
import { abortable, checkFunction } from '@perf/core';
import { checkKey, checkKeys } from '../keys/check-key.ts';
import type { CacheLoader } from '../loading/cache-loader.ts';
import type { FlightRequest } from '../loading/flight.ts';
import type { Loader } from '../loading/load-context.ts';
import { BulkLoad, type ManyLoader } from '../loading/load-many.ts';
import type { LoadRunner } from '../loading/load-runner.ts';
import type { StopWaiting } from '../loading/waiters.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { CacheReader, Found } from './cache-reader.ts';
import { checkTerms, type EntryTerms, type WriteOptions } from '../entries/entry-terms.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { CacheHit, LoadResult } from './results.ts';
import { toHit } from './to-hit.ts';

/** Options of a load. */
export interface LoadOptions extends WriteOptions {
  /**
   * Ends this caller's wait; the load goes on for others and for the cache, unless it waits for its turn
   * and nobody else wants it.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Reads, and loads what is missing. */
export class LoadThrough<V> {
  readonly #context: CacheContext<V>;
  readonly #reader: CacheReader<V>;
  readonly #loader: CacheLoader<V>;
  readonly #runner: LoadRunner;

  constructor(
    context: CacheContext<V>,
    reader: CacheReader<V>,
    loader: CacheLoader<V>,
    runner: LoadRunner,
  ) {
    this.#context = context;
    this.#reader = reader;
    this.#loader = loader;
    this.#runner = runner;
  }

  /** What memory has fresh, counted as a hit: the hot path of every read. */
  fresh(key: string): LocalEntry<V> | undefined {
    const entry = this.#context.local.fresh(key);
    if (entry !== undefined) {
      const { counters } = this.#context;
      counters.hits++;
      counters.memoryHits++;
    }
    return entry;
  }

  /** What memory has fresh, though something is to be done about it, counted as a hit. */
  due(key: string): LocalEntry<V> | undefined {
    const entry = this.#context.local.due(key);
    if (entry !== undefined) this.count({ state: 'hit', entry, tier: 'memory' });
    return entry;
  }

  count(found: Found<V>): void {
    const { counters } = this.#context;
    if (found.state === 'miss') counters.misses++;
    else {
      counters.hits++;
      if (found.tier === 'memory') counters.memoryHits++;
      if (found.state === 'stale') counters.stale++;
    }
  }

  async one(key: string, load: Loader<V>, options: LoadOptions): Promise<LoadResult<V>> {
    const request = this.#request(key, load, options);
    const held = await this.#reader.local(key);
    if (held === undefined) return this.#load(request, options.signal);
    const { entry, state } = held;
    if (state === 'spare') {
      return this.#load({ ...request, spare: { entry, tier: 'memory' } }, options.signal);
    }
    this.count({ state, entry, tier: 'memory' });
    this.#renew(request, state, entry);
    return toHit(this.#context.clock, entry, state, 'memory');
  }

  async many(
    keys: readonly string[],
    loadMany: ManyLoader<V>,
    options: LoadOptions,
  ): Promise<Map<string, V>> {
    checkKeys(keys);
    checkFunction('loadMany', loadMany);
    const load = new BulkLoad<V>(loadMany, this.#runner);
    // By a call of its own: nobody waits for what is only refreshed.
    const refresh = new BulkLoad<V>(loadMany, this.#runner);
    const shared = { ...this.#settings(options), load };
    const { signal } = options;
    signal?.throwIfAborted();
    // Not for each key: thousands of listeners on one signal are slow.
    const waits = new Set<StopWaiting>();
    try {
      const unique = [...new Set(keys)];
      return await abortable(this.#loadMany(unique, shared, refresh, waits), signal);
    } finally {
      for (const leave of waits) leave(signal?.reason);
    }
  }

  async #loadMany(
    unique: readonly string[],
    shared: Omit<FlightRequest<V>, 'key'>,
    refresh: BulkLoad<V>,
    waits: Set<StopWaiting>,
  ): Promise<Map<string, V>> {
    const found = await this.#reader.findMany(unique);
    const values = await Promise.all(
      unique.map(async (key, index): Promise<V> => {
        const one = found[index] as Found<V>;
        if (one.state === 'miss') {
          const { read, spare } = one;
          return (await this.#load({ ...shared, key, read, spare }, undefined, waits)).value;
        }
        this.count(one);
        this.#renew({ ...shared, load: refresh, key }, one.state, one.entry);
        return one.entry.value;
      }),
    );
    const present = unique.map((key, index) => [key, values[index] as V] as const);
    return new Map(present.filter(([, value]) => value !== undefined));
  }

  async #load(
    request: FlightRequest<V>,
    signal: AbortSignal | undefined,
    waits?: Set<StopWaiting>,
  ): Promise<LoadResult<V>> {
    const { clock, counters, holdDowns } = this.#context;
    signal?.throwIfAborted();
    const held = request.spare === undefined ? undefined : holdDowns.of(request.key);
    if (request.spare !== undefined && held !== undefined) {
      return this.#instead({ ...request.spare, state: 'stale' }, held);
    }
    // One signal for all that a request asks for is normal use; Node warns of a leak at eleven.
    if (signal !== undefined) setMaxListeners(0, signal);
    const { entry, state, tier, instead } = await this.#loader
      .load(request, signal, waits)
      .catch((error: unknown) => {
        counters.misses++;
        throw error;
      });
    if (state === 'miss') {
      counters.misses++;
      return toHit(clock, entry, state, 'loader');
    }
    if (instead !== undefined) return this.#instead({ entry, state, tier }, instead);
    this.count({ state, entry, tier });
    this.#renew(request, state, entry);
    return toHit(clock, entry, state, tier);
  }

  /** Begins to load anew what is stale, or is to be refreshed early. */
  #renew(request: FlightRequest<V>, state: 'hit' | 'stale', entry: LocalEntry<V>): void {
    const isEarly = state === 'hit';
    if (isEarly && this.#context.clock.now() < entry.refreshAt) return;
    this.#loader.refresh({ ...request, read: undefined, refreshing: entry }, isEarly);
  }

  /** What is served in place of a load that fails or takes too long. */
  #instead(
    found: Extract<Found<V>, { entry: unknown }>,
    reason: { readonly error?: unknown },
  ): CacheHit<V> {
    const { clock, counters } = this.#context;
    this.count(found);
    const hit = toHit(clock, found.entry, found.state, found.tier);
    if (!('error' in reason)) {
      counters.softTimeouts++;
      return hit;
    }
    if (found.state === 'stale') counters.staleIfError++;
    return { ...hit, error: reason.error };
  }

  #request(key: string, load: Loader<V>, options: LoadOptions): FlightRequest<V> {
    checkKey(key);
    checkFunction('load', load);
    return { key, load, ...this.#settings(options) };
  }

  #settings(options: LoadOptions): EntryTerms {
    return checkTerms('load', options, this.#context.options.ttl);
  }
}
