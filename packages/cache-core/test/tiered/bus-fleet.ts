import { ManualClock } from '@perf/core/testing';
import {
  createCache,
  type CacheErrorEvent,
  type CacheStore,
  type TieredCache,
  type TieredCacheOptions,
} from '../../src/index.ts';
import {
  controllableStore,
  createBusHub,
  createReferenceBackend,
  referenceBus,
  referenceStore,
  type BusHub,
  type ControllableStore,
  type ControllableStoreOptions,
  type ReferenceBackend,
  type ReferenceBackendOptions,
  type ReferenceBus,
} from '../../src/testing.ts';

/** One process: a cache behind its own ways to the store and to the bus. */
export interface BusInstance {
  readonly cache: TieredCache<string>;
  readonly store: ControllableStore;
  readonly bus: ReferenceBus;
  /** The error events so far. */
  readonly errors: readonly CacheErrorEvent[];
}

/** What an instance has beside the options of its cache. */
export interface JoinOptions extends ControllableStoreOptions {
  /** A store of its own before the shared one. */
  readonly before?: CacheStore;
}

/** How long until a gap is noticed at the latest, with the time until it is looked for, in milliseconds. */
export const SILENCE = 3250;

/** Processes on one store that announces, one bus and one clock. */
export class BusFleet {
  readonly clock = new ManualClock();
  readonly hub: BusHub = createBusHub({ clock: this.clock });
  readonly backend: ReferenceBackend;
  readonly instances: BusInstance[] = [];

  constructor(options: ReferenceBackendOptions = {}) {
    this.backend = createReferenceBackend({ clock: this.clock, ...options });
  }

  join(
    options: TieredCacheOptions<string> = {},
    { before, ...control }: JoinOptions = {},
  ): BusInstance {
    const { backend, hub, clock } = this;
    const store = controllableStore(referenceStore({ backend, hub }), control);
    const bus = referenceBus({ hub });
    const stores = before === undefined ? [store] : [before, store];
    const cache = createCache<string>({ ttl: '1h', clock, stores, bus, ...options });
    const errors: CacheErrorEvent[] = [];
    cache.on('error', (event) => errors.push(event));
    const instance = { cache, store, bus, errors };
    this.instances.push(instance);
    return instance;
  }

  /** So many, who know each other, after the gaps with which they settle. */
  async settled(
    count: number,
    options: TieredCacheOptions<string> = {},
    join: JoinOptions = {},
  ): Promise<readonly BusInstance[]> {
    const all = Array.from({ length: count }, () => this.join(options, join));
    await this.clock.advanceAsync(SILENCE + 1000);
    for (const { store } of all) store.forgetCalls();
    return all;
  }

  /** Puts the values, tickets and the ledger back to what they are now. */
  snapshot(keys: readonly string[]): () => void {
    const { backend } = this;
    const ledger = backend.snapshotLedger();
    const kept = keys.map((key) => [key, backend.entry(key), backend.ticketOf(key)] as const);
    return () => {
      backend.restoreLedger(ledger);
      for (const [key, entry, ticket] of kept) {
        backend.evict(key);
        backend.removeTicket(key);
        if (entry !== undefined) backend.put(key, entry.bytes, entry.remaining);
        if (ticket !== undefined) backend.putTicket(key, ticket, 10_000);
      }
    };
  }

  async close(): Promise<void> {
    const closing = this.instances.splice(0).map(({ cache, store }) => {
      store.heal();
      store.thaw();
      return cache.close();
    });
    await this.clock.advanceAsync(6000);
    await Promise.all(closing);
  }
}
