import { ConfigError } from '@perf/core';
import type { CacheStore } from '../contracts/cache-store.ts';
import type { InvalidationBus } from '../contracts/invalidation-bus.ts';
import type { TieredCacheOptions } from '../context/options.ts';

/** Stores and buses that belong to a cache: a second one would clear and bound the first one's entries. */
const claimed = new WeakSet<CacheStore | InvalidationBus>();

/** What stands behind memory, checked. */
export interface CheckedTiers {
  readonly stores: readonly CacheStore[];
  /** The store that all instances share, with their ledger and tickets. */
  readonly shared: CacheStore | undefined;
  readonly bus: InvalidationBus | undefined;
}

/** @throws ConfigError naming the option that is refused */
export function checkTiers<V>(options: TieredCacheOptions<V>): CheckedTiers {
  const stores = checkStores(options.stores ?? []);
  const bus = options.bus === undefined ? undefined : checkBus(options.bus);
  const shared = stores.findLast(
    ({ fencing, capabilities }) =>
      fencing !== undefined && (bus === undefined || capabilities.scope === 'network'),
  );
  const announces = shared?.capabilities.announces;
  if (announces !== undefined && bus === undefined && options.memory !== false) {
    throw new ConfigError(
      'bus',
      undefined,
      `a bus of the medium "${announces}", or memory: false: nothing else tells memory what others change in the store "${shared?.name}"`,
    );
  }
  return { stores, shared, bus };
}

/** They belong to one cache from now on. */
export function claimTiers({ stores, bus }: CheckedTiers): void {
  for (const one of stores) claimed.add(one);
  if (bus !== undefined) claimed.add(bus);
}

function checkBus(bus: InvalidationBus): InvalidationBus {
  const given: Partial<InvalidationBus> | null = bus;
  if (typeof given?.open !== 'function' || typeof given.publish !== 'function') {
    throw new ConfigError('bus', bus, 'a bus, such as redisBus({ client })');
  }
  if (claimed.has(bus)) {
    throw new ConfigError('bus', bus.name, 'a bus of its own: this one serves another cache');
  }
  return bus;
}

function checkStores(stores: readonly CacheStore[]): readonly CacheStore[] {
  if (!Array.isArray(stores)) throw new ConfigError('stores', stores, 'an array of stores');
  const names = new Set(['memory', 'loader']);
  for (const store of stores as readonly CacheStore[]) {
    if (typeof store?.getMany !== 'function' || typeof store.name !== 'string') {
      throw new ConfigError('stores', store, 'stores, such as sqliteStore({ path })');
    }
    if (claimed.has(store)) {
      throw new ConfigError(
        'stores',
        store.name,
        'stores of their own: this one serves another cache',
      );
    }
    if (names.has(store.name)) {
      throw new ConfigError(
        'stores',
        store.name,
        `stores of different names, none called 'memory' or 'loader'`,
      );
    }
    names.add(store.name);
  }
  return stores as readonly CacheStore[];
}
