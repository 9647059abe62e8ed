import { ConfigError, deadlineSignal } from '@perf/core';
import type { CacheContext } from '../context/cache-context.ts';
import type { Loader } from '../loading/load-context.ts';
import type { CacheWriter } from './cache-writer.ts';
import type { LoadOptions, LoadThrough } from './load-through.ts';
import { checkWarmOptions, warm, type WarmOptions, type WarmProgress } from './warm.ts';

/** What `warm` takes from its source: a key to be loaded, or an entry to be stored. */
export type WarmItem<V> = string | readonly [string, V];

/** Fills the cache from a source. */
export class CacheWarmer<V> {
  readonly #context: CacheContext<V>;
  readonly #loads: LoadThrough<V>;
  readonly #writer: CacheWriter<V>;

  constructor(context: CacheContext<V>, loads: LoadThrough<V>, writer: CacheWriter<V>) {
    this.#context = context;
    this.#loads = loads;
    this.#writer = writer;
  }

  async warm(
    source: Iterable<WarmItem<V>> | AsyncIterable<WarmItem<V>>,
    options: WarmOptions & LoadOptions & { readonly load?: Loader<V> },
  ): Promise<WarmProgress> {
    checkWarmOptions(options);
    const { load, ttl, tags } = options;
    const { clock, events, lifecycle, options: resolved } = this.#context;
    const end = deadlineSignal(clock, 'warm', Infinity, options.signal, lifecycle.signal);
    try {
      return await warm(
        source,
        async (item) => {
          if (typeof item !== 'string') return this.#writer.setMany([item], { ttl, tags });
          if (load === undefined) {
            throw new ConfigError('load', load, 'a loader when keys are warmed');
          }
          return this.#loads.one(item, load, { ttl, tags });
        },
        (item, error) => {
          const key = typeof item === 'string' ? item : item[0];
          events.emit('error', { cache: resolved.name, operation: 'warm', key, error });
        },
        { ...options, signal: end.signal },
      );
    } finally {
      end.release();
    }
  }
}
