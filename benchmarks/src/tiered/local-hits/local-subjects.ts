import { createCache, type CacheStore, type InvalidationBus } from '@perf/cache-core';
import { redisBus, redisStore } from '@perf/cache-redis';
import { createCache as createDedupe } from 'async-cache-dedupe';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { createCache as createManaged } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { Loader } from 'layered-loader';
import { LRUCache } from 'lru-cache';
import { whenCurrent } from '../when-current.ts';
import { BARE, CONTROL, OURS } from './names.ts';

/** A filled cache, read by the call that loads what is missing. */
export interface OpenSubject {
  /** Resolves to the value. */
  readonly read: (key: string) => unknown;
  /** The synchronous read, where there is one. */
  readonly readLocal?: (key: string) => unknown;
  readonly close: () => Promise<unknown>;
}

/** A kind of cache whose hits in memory are measured. */
export interface LocalSubject {
  readonly name: string;
  /** Whether a hit takes microseconds: fewer are timed then. */
  readonly slow?: boolean;
  open(values: ReadonlyMap<string, object>): Promise<OpenSubject>;
}

/** An hour, in milliseconds: nothing expires meanwhile. */
const TTL = 3_600_000;
const NOTHING = (): Promise<void> => Promise.resolve();

function ours(
  name: string,
  makeTiers: () => { stores: CacheStore[]; bus?: InvalidationBus },
): LocalSubject {
  return {
    name,
    async open(values) {
      const cache = createCache<object>({ ...makeTiers(), ttl: TTL, storeTimeout: '5s' });
      const load = ({ key }: { readonly key: string }): object => values.get(key) as object;
      await cache.setMany(values);
      const keys = [...values.keys()];
      await whenCurrent(cache, keys, () => cache.getMany(keys));
      return {
        read: (key) => cache.getOrSet(key, load),
        readLocal: (key) => cache.getLocal(key),
        close: () => cache.close(),
      };
    },
  };
}

function bare(name: string): LocalSubject {
  return {
    name,
    async open(values) {
      const map = new Map(values);
      return { read: async (key) => map.get(key), close: NOTHING };
    },
  };
}

/** @param redis where ours keeps its second tier; without, only what needs none is measured */
export function localSubjects(redis: string | undefined): LocalSubject[] {
  const prefix = `local-hits-${process.pid}`;
  return [
    bare(BARE),
    bare(CONTROL),
    ours(OURS.memory, () => ({ stores: [] })),
    ...(redis === undefined
      ? []
      : [
          ours(OURS.shared, () => ({
            stores: [redisStore({ url: redis, prefix })],
            bus: redisBus({ url: redis, prefix }),
          })),
        ]),
    ...PEERS,
  ];
}

/** By their defaults, but for lifetime and room. */
const PEERS: readonly LocalSubject[] = [
  {
    name: 'bentocache',
    slow: true,
    async open(values) {
      const cache = new BentoCache({
        default: 'only',
        stores: { only: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 })) },
      });
      for (const [key, value] of values) await cache.set({ key, value, ttl: TTL });
      return {
        read: (key) => cache.getOrSet({ key, factory: () => values.get(key), ttl: TTL }),
        close: () => cache.disconnectAll(),
      };
    },
  },
  {
    name: 'cacheable',
    slow: true,
    async open(values) {
      const cache = new Cacheable({ ttl: TTL });
      for (const [key, value] of values) await cache.set(key, value);
      return {
        read: (key) => cache.getOrSet(key, async () => values.get(key)),
        close: () => cache.disconnect(),
      };
    },
  },
  {
    name: 'cache-manager',
    slow: true,
    async open(values) {
      const cache = createManaged({ ttl: TTL });
      for (const [key, value] of values) await cache.set(key, value);
      return {
        read: (key) => cache.wrap(key, async () => values.get(key)),
        close: () => cache.disconnect(),
      };
    },
  },
  {
    name: 'async-cache-dedupe',
    async open(values) {
      const cache = createDedupe({
        ttl: TTL / 1000,
        storage: { type: 'memory', options: { size: 10_000 } },
      }).define('record', async (key: string) => values.get(key));
      for (const key of values.keys()) await cache.record(key);
      return { read: (key) => cache.record(key), close: NOTHING };
    },
  },
  {
    name: 'layered-loader',
    async open(values) {
      const loader = new Loader<object>({
        inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: TTL, maxItems: 10_000 },
        dataSourceGetOneFn: async (key: string) => values.get(key),
      });
      for (const key of values.keys()) await loader.get(key);
      return {
        read: (key) => loader.get(key),
        readLocal: (key) => loader.getInMemoryOnly(key),
        close: NOTHING,
      };
    },
  },
  {
    name: 'lru-cache fetch',
    async open(values) {
      const cache = new LRUCache<string, object>({
        max: 10_000,
        ttl: TTL,
        fetchMethod: async (key) => values.get(key),
      });
      for (const key of values.keys()) await cache.fetch(key);
      return {
        read: (key) => cache.fetch(key),
        readLocal: (key) => cache.get(key),
        close: NOTHING,
      };
    },
  },
];
