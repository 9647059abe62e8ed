import { createCache, type TieredCacheOptions } from '@perf/cache-core';
import { redisBus, redisStore } from '@perf/cache-redis';
import { createCache as createDedupe } from 'async-cache-dedupe';
import { BentoCache, bentostore } from 'bentocache';
import { redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';
import { Loader, RedisCache } from 'layered-loader';
import { AUTO_PIPELINED, CONTROL, OURS, RAW } from './workloads.ts';

/** What is measured of a client or a cache on Redis. */
export interface RedisSubject {
  readonly name: string;
  /** Resolves to the decoded value, which is there. */
  readonly read?: (key: string) => Promise<unknown>;
  readonly set?: (key: string, value: object) => Promise<unknown>;
  /** Resolves to the value, which is absent and loaded at no cost. */
  readonly fill?: (key: string, value: object) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

/** An hour, in milliseconds. */
const TTL = 3_600_000;

function raw(name: string, url: string, options: object = {}): RedisSubject {
  const client = new Redis(url, options);
  const prefix = `raw-${process.pid}-${name}:`;
  return {
    name,
    async read(key) {
      const bytes = await client.getBuffer(prefix + key);
      return bytes === null ? undefined : (JSON.parse(bytes.toString()) as unknown);
    },
    set: (key, value) => client.set(prefix + key, JSON.stringify(value), 'PX', TTL),
    close: () => client.quit(),
  };
}

function ours(name: string, url: string, options: TieredCacheOptions<object>): RedisSubject {
  const prefix = `perf-${process.pid}-${name.length}`;
  const cache = createCache<object>({
    ...options,
    ttl: TTL,
    // What else runs on the machine must not make the store count as in trouble.
    storeTimeout: '5s',
    stores: [redisStore({ url, prefix })],
    ...(options.memory === false ? {} : { bus: redisBus({ url, prefix }) }),
  });
  return {
    name,
    ...(options.memory === false ? { read: (key) => cache.get(key) } : {}),
    async set(key, value) {
      const { stores } = await cache.set(key, value);
      if (stores !== 'applied') throw new Error(`${name}: a set was ${stores}`);
    },
    fill: (key, value) => cache.getOrSet(key, () => value),
    close: () => cache.close(),
  };
}

function bentocache(url: string): RedisSubject {
  const cache = new BentoCache({
    default: 'only',
    stores: {
      only: bentostore().useL2Layer(
        redisDriver({ connection: new Redis(url), prefix: `b${process.pid}` }),
      ),
    },
  });
  return {
    name: 'bentocache',
    read: (key) => cache.get({ key }),
    set: (key, value) => cache.set({ key, value, ttl: TTL }),
    fill: (key, value) => cache.getOrSet({ key, factory: () => value, ttl: TTL }),
    close: () => cache.disconnectAll(),
  };
}

function layeredLoader(url: string): RedisSubject {
  const client = new Redis(url);
  const cache = new RedisCache<object>(client, {
    json: true,
    ttlInMsecs: TTL,
    prefix: `l${process.pid}`,
  });
  const loader = new Loader<object>({
    asyncCache: cache,
    dataSourceGetOneFn: async () => undefined,
  });
  return {
    name: 'layered-loader',
    read: (key) => loader.get(key),
    set: (key, value) => cache.set(key, value),
    close: () => client.quit(),
  };
}

function asyncCacheDedupe(url: string): RedisSubject {
  const client = new Redis(url);
  const loaded = new Map<string, object>();
  const cache = createDedupe({
    ttl: TTL / 1000,
    storage: { type: 'redis', options: { client } },
  }).define('record', async (key: string) => loaded.get(key));
  return {
    name: 'async-cache-dedupe',
    read: (key) => cache.record(key),
    async set(key, value) {
      loaded.set(key, value);
      await cache.record(key);
      loaded.delete(key);
    },
    close: () => client.quit(),
  };
}

/** Those whose hits are measured. */
export function readSubjects(url: string): RedisSubject[] {
  return [
    raw(RAW, url),
    raw(CONTROL, url),
    raw(AUTO_PIPELINED, url, { enableAutoPipelining: true }),
    ours(OURS.alone, url, { memory: false }),
    bentocache(url),
    layeredLoader(url),
    asyncCacheDedupe(url),
  ];
}

/** Those whose writes are measured. */
export function writeSubjects(url: string): RedisSubject[] {
  return [
    raw(RAW, url),
    raw(CONTROL, url),
    ours(OURS.alone, url, { memory: false }),
    ours(OURS.tiered, url, {}),
    bentocache(url),
  ];
}
