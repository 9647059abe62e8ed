import type { Policy } from '@perf/core';
import type { ManualClock } from '@perf/core/testing';
import {
  createCache,
  type CacheStore,
  type InvalidationBus,
  type TieredCache,
} from '../../src/index.ts';
import {
  controllableStore,
  createBusHub,
  createReferenceBackend,
  referenceBus,
  referenceStore,
  type BusHub,
  type ControllableStore,
  type Hold,
  type ReferenceBackend,
  type ReferenceBus,
} from '../../src/testing.ts';

/** What a world is made of. */
export interface WorldOptions {
  readonly instances: number;
  /** What stands behind memory. @default 'fenced' */
  readonly store?: 'fenced' | 'unfenced' | 'none';
  /** A bus on which the store announces, or on which the caches publish themselves. @default none */
  readonly bus?: 'announced' | 'published';
  /** Whether each instance has a store of its own before the shared one. */
  readonly narrow?: boolean;
  /** Whether what was given up can be kept from being applied late. */
  readonly severs?: boolean;
  /** `isolated.serve`, in milliseconds. */
  readonly serve?: number;
  /** Alters the store that the instances share; for proving that the checker sees faults. */
  readonly alter?: (store: CacheStore, backend: ReferenceBackend, hub: BusHub) => CacheStore;
  /** Alters the bus. */
  readonly alterBus?: (bus: ReferenceBus) => InvalidationBus;
  /** Runs the store calls in place of the cool-off. */
  readonly policy?: Policy;
}

/** What the processes of a world share. */
export class WorldShared {
  readonly clock: ManualClock;
  readonly backend: ReferenceBackend;
  readonly hub: BusHub;

  constructor(clock: ManualClock, { bus }: WorldOptions) {
    this.clock = clock;
    this.backend = createReferenceBackend({ clock });
    this.hub = createBusHub({ clock, medium: bus === 'published' ? 'radio' : 'reference' });
  }
}

/** One process of a world. */
export interface WorldInstance {
  readonly cache: TieredCache<number>;
  readonly store: ControllableStore;
  /** A store of its own, and what is in it. */
  readonly narrow: ControllableStore | undefined;
  readonly disk: ReferenceBackend;
  readonly bus: ReferenceBus | undefined;
  holds: Hold[];
  /** Whether its way to the store was ever troubled: memory may then serve in isolation. */
  troubled: boolean;
  /** Whether its bus is cut. */
  offline: boolean;
  /** Since when messages to it are held. */
  heldSince: number | undefined;
  dead: boolean;
}

export const POLL = 100;

/** @param disk what an earlier process has left */
export function joinWorld(
  options: WorldOptions,
  { clock, backend, hub }: WorldShared,
  disk: ReferenceBackend = createReferenceBackend({ clock }),
): WorldInstance {
  const { alter, alterBus, serve = 0, policy, store: kind = 'fenced', severs } = options;
  const announcing = options.bus === 'announced' ? { hub } : {};
  const scope = options.bus === undefined ? 'host' : 'network';
  const plain = referenceStore({ backend, conditional: kind === 'fenced', scope, ...announcing });
  const altered = alter === undefined ? plain : alter(plain, backend, hub);
  const store = controllableStore(altered, severs === undefined ? {} : { severs });
  const narrow =
    options.narrow === true
      ? controllableStore(referenceStore({ backend: disk, name: 'disk' }))
      : undefined;
  const bus = options.bus === undefined ? undefined : referenceBus({ hub });
  const stores = kind === 'none' ? [] : [store];
  const cache = createCache<number>({
    ttl: '1d',
    memory: { maxEntries: 16, sweepInterval: false },
    stores: narrow === undefined ? stores : [narrow, ...stores],
    isolated: { serve },
    pollInterval: POLL,
    clock,
    ...(policy === undefined ? {} : { storePolicy: policy }),
    ...(bus === undefined ? {} : { bus: alterBus?.(bus) ?? bus }),
  });
  const state = {
    holds: [],
    troubled: false,
    offline: false,
    heldSince: undefined,
    dead: false,
  };
  return { cache, store, narrow, disk, bus, ...state };
}

/** How many invalidations its stores have not been told yet. */
export function pendingOf({ cache }: WorldInstance): number {
  return cache.stats().tiers.reduce((sum, { pending }) => sum + pending, 0);
}
