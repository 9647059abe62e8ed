import { createCache, type TieredCache, type TieredCacheOptions } from '@perf/cache-core';
import { afterEach, expect } from 'vitest';
import { redisBus, redisStore, type ClientSource } from '../../src/index.ts';
import { freshPrefix } from '../fixtures/stores.ts';

/** How long something that has to happen by itself is waited for, in milliseconds. */
const LONGEST = 20_000;

/** How one of the caches of a fleet is made. */
export interface CacheOptions extends Omit<TieredCacheOptions<string>, 'bus'> {
  /** How the store reaches Redis; the bus as well, unless it has a way of its own. */
  readonly redis: ClientSource;
  readonly busRedis?: ClientSource;
  /** `undefined` for none. @default a bus beside the store */
  readonly bus?: undefined;
  readonly prefix: string;
}

/** Caches on one Redis, as different processes have them, closed after each test. */
export interface Caches {
  readonly prefix: string;
  open(options: Omit<CacheOptions, 'prefix'>): TieredCache<string>;
  /** So many alike, once each hears all the others. */
  fleet(
    size: number,
    options: Omit<CacheOptions, 'prefix'>,
  ): Promise<readonly TieredCache<string>[]>;
}

export function useCaches(): Caches {
  let prefix = freshPrefix();
  const opened: TieredCache<string>[] = [];
  afterEach(async () => {
    prefix = freshPrefix();
    await Promise.all(opened.splice(0).map((cache) => cache.close()));
  });
  const open: Caches['open'] = ({ redis, busRedis = redis, ...more }) => {
    const { bus: _, ...options } = more;
    const bus = 'bus' in more ? {} : { bus: redisBus({ ...busRedis, prefix }) };
    const cache = createCache<string>({
      stores: [redisStore({ ...redis, prefix })],
      ...bus,
      ttl: '1h',
      // A busy machine is no fault of the server's.
      storeTimeout: '1s',
      ...options,
    });
    opened.push(cache);
    return cache;
  };
  return {
    get prefix() {
      return prefix;
    },
    open,
    async fleet(size, options) {
      const caches = Array.from({ length: size }, () => open(options));
      await Promise.all(caches.map((cache) => connected(cache, size - 1)));
      return caches;
    },
  };
}

/** Resolves when the cache hears so many others, and its store answers. */
export async function connected(cache: TieredCache<string>, others: number): Promise<void> {
  await eventually(async () => {
    const { healthy, bus } = await cache.health();
    expect({ healthy, others: bus?.others }).toEqual({ healthy: true, others });
  });
}

/** Resolves when the store has had everything. */
export async function nothingPending(cache: TieredCache<string>): Promise<void> {
  await eventually(() => {
    expect(cache.stats().tiers.at(-1)?.pending).toBe(0);
  });
}

/** Tries again until it does not throw. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  await expect
    .poll(
      async () => {
        try {
          await check();
          return undefined;
        } catch (error) {
          return error;
        }
      },
      { timeout: LONGEST, interval: 20 },
    )
    .toBeUndefined();
}
