import { ManualClock } from '@perf/core/testing';
import {
  createCache,
  type CacheErrorEvent,
  type TieredCache,
  type TieredCacheOptions,
} from '../../src/index.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
  type ReferenceBackend,
  type ReferenceBackendOptions,
  type ReferenceStoreOptions,
} from '../../src/testing.ts';

/** One process: a cache behind its own way to the store. */
export interface Instance<V> {
  readonly cache: TieredCache<V>;
  readonly store: ControllableStore;
  /** The error events so far. */
  readonly errors: readonly CacheErrorEvent[];
}

/** Longer than {@link Fleet}'s poll interval of 100: what another instance did is known after it. */
export const POLL = 101;

/** Processes on one store and one clock. */
export class Fleet {
  readonly clock = new ManualClock();
  readonly backend: ReferenceBackend;
  readonly #open: Instance<unknown>[] = [];

  constructor(options: ReferenceBackendOptions = {}) {
    this.backend = createReferenceBackend({ clock: this.clock, ...options });
  }

  join<V = string>(
    options: TieredCacheOptions<V> = {},
    store: ReferenceStoreOptions = {},
  ): Instance<V> {
    const own = controllableStore(referenceStore({ backend: this.backend, ...store }));
    return this.own({ stores: [own], ...options }, own);
  }

  /** A cache with the stores that the options say. */
  own<V = string>(options: TieredCacheOptions<V>, store: ControllableStore): Instance<V> {
    const cache = createCache<V>({ ttl: '1h', clock: this.clock, ...options });
    const errors: CacheErrorEvent[] = [];
    cache.on('error', (event) => errors.push(event));
    const instance = { cache, store, errors };
    this.#open.push(instance as Instance<unknown>);
    return instance;
  }

  async close(): Promise<void> {
    const closing = this.#open.splice(0).map(({ cache, store }) => {
      store.heal();
      store.thaw();
      return cache.close();
    });
    await this.clock.advanceAsync(1000);
    await Promise.all(closing);
  }
}

/** A loader for a key that must be found. */
export function never(): never {
  throw new Error('the loader must not be called');
}
