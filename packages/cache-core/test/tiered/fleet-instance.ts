import type { Policy } from '@perf/core';
import type { ManualClock } from '@perf/core/testing';
import { createCache, type CacheStore, type TieredCache } from '../../src/index.ts';
import {
  controllableStore,
  referenceStore,
  type ControllableStore,
  type Hold,
  type ReferenceBackend,
} from '../../src/testing.ts';

/** What a world is made of. */
export interface WorldOptions {
  readonly instances: number;
  /** What stands behind memory. @default 'fenced' */
  readonly store?: 'fenced' | 'unfenced' | 'none';
  /** `isolated.serve`, in milliseconds. */
  readonly serve?: number;
  /** Alters the store that the instances share; for proving that the checker sees faults. */
  readonly alter?: (store: CacheStore, backend: ReferenceBackend) => CacheStore;
  /** Runs the store calls in place of the cool-off. */
  readonly policy?: Policy;
}

/** One process of a world. */
export interface WorldInstance {
  readonly cache: TieredCache<number>;
  readonly store: ControllableStore;
  holds: Hold[];
  /** Whether its way to the store was ever troubled: memory may then serve in isolation. */
  troubled: boolean;
  dead: boolean;
}

export const POLL = 100;

export function joinWorld(
  { alter, serve = 0, policy, store: kind = 'fenced' }: WorldOptions,
  clock: ManualClock,
  backend: ReferenceBackend,
): WorldInstance {
  const plain = referenceStore({ backend, conditional: kind === 'fenced' });
  const store = controllableStore(alter === undefined ? plain : alter(plain, backend));
  const cache = createCache<number>({
    ttl: '1d',
    memory: { maxEntries: 16, sweepInterval: false },
    stores: kind === 'none' ? [] : [store],
    isolated: { serve },
    pollInterval: POLL,
    clock,
    ...(policy === undefined ? {} : { storePolicy: policy }),
  });
  return { cache, store, holds: [], troubled: false, dead: false };
}

/** How many invalidations its stores have not been told yet. */
export function pendingOf({ cache }: WorldInstance): number {
  return cache.stats().tiers.reduce((sum, { pending }) => sum + pending, 0);
}
