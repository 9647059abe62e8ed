import { createCache, type TieredCache } from '@perf/cache-core';
import { startRedis, type RedisServer } from '@perf/test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { redisBus, redisStore } from '../src/index.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';
import { freshPrefix } from './fixtures/stores.ts';

const PATIENCE = { timeout: 15_000 };

const INVALIDATIONS: Readonly<Record<string, (cache: TieredCache<string>) => Promise<unknown>>> = {
  'a delete': (cache) => cache.delete('a'),
  'a tag': (cache) => cache.invalidateTags(['tag']),
  'a pattern': (cache) => cache.invalidatePattern('a*'),
  'a clear': (cache) => cache.clear('all'),
  'a set': (cache) => cache.set('a', 'other'),
};

describe.skipIf(noRedis)('caches that share Redis and a bus', () => {
  const redis = useRedis();
  const caches: TieredCache<string>[] = [];
  /** How often the ledger was asked for what is new. */
  let deltas = 0;
  afterEach(async () => {
    await Promise.all(caches.splice(0).map((cache) => cache.close()));
  });

  function open(prefix: string, server: RedisServer = redis.server): TieredCache<string> {
    const source = { url: server.url, prefix };
    const store = redisStore(source);
    const { fencing } = store;
    const delta = fencing.delta.bind(fencing);
    fencing.delta = (...args) => {
      deltas++;
      return delta(...args);
    };
    const cache = createCache<string>({
      ttl: '1h',
      stores: [store],
      bus: redisBus(source),
    });
    caches.push(cache);
    return cache;
  }
  function openMany(count: number, server?: RedisServer): readonly TieredCache<string>[] {
    const prefix = freshPrefix();
    return Array.from({ length: count }, () => open(prefix, server));
  }
  /** The value is in the memory of all. */
  async function spread(all: readonly TieredCache<string>[], value: string): Promise<void> {
    for (const cache of all) {
      // What was loaded before the bus was heard is to be proved.
      const local = async (): Promise<string | undefined> => {
        await cache.getOrSet('a', () => value, { tags: ['tag'] });
        return cache.getLocal('a');
      };
      await expect.poll(local, PATIENCE).toBe(value);
    }
  }

  it('load a key once together', async () => {
    const all = openMany(5);
    let loads = 0;
    const load = async (): Promise<string> => {
      loads++;
      await Promise.resolve();
      return 'loaded';
    };
    const values = await Promise.all(
      all.flatMap((cache) => [1, 2, 3].map(() => cache.getOrSet('a', load))),
    );
    expect(new Set(values)).toEqual(new Set(['loaded']));
    expect(loads).toBe(1);
  });

  it('hear of whatever is invalidated, by messages of which none is missed', async () => {
    const all = openMany(3);
    const [first, ...others] = all;
    const gaps = (): readonly number[] => all.map((cache) => cache.stats().gaps);
    // One when it is connected, and one when all who live have had the time to be heard.
    for (const cache of all) {
      await expect.poll(() => cache.stats().gaps, PATIENCE).toBeGreaterThanOrEqual(2);
    }
    for (const [name, invalidate] of Object.entries(INVALIDATIONS)) {
      await spread(all, name);
      const missed = gaps();
      const asked = deltas;
      expect(await invalidate(first as TieredCache<string>), name).toMatchObject({
        stores: 'applied',
        bus: 'sent',
      });
      for (const cache of others) {
        await expect.poll(() => cache.getLocal('a'), PATIENCE).not.toBe(name);
      }
      expect(gaps(), name).toEqual(missed);
      // A beat that tells how far the ledger goes makes who has missed something ask.
      expect(deltas, name).toBe(asked);
      for (const cache of all) expect(await cache.get('a')).not.toBe(name);
    }
  });

  it('serve nothing old after what they heard on was cut', async () => {
    const all = openMany(3);
    await spread(all, 'old');
    await redis.server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await all[0]?.delete('a');
    for (const cache of all) {
      await expect.poll(() => cache.get('a'), PATIENCE).toBeUndefined();
    }
  });

  it('serve nothing old after Redis went back to an older copy of everything', async () => {
    await using server = await startRedis();
    const all = openMany(2, server);
    await spread(all, 'old');
    const snapshot = await server.saveSnapshot();
    expect(await all[0]?.delete('a')).toMatchObject({ stores: 'applied' });
    await server.restart({ snapshot });
    await expect
      .poll(async () => (await all[0]?.delete('other'))?.stores, PATIENCE)
      .toBe('applied');
    for (const cache of all) {
      await expect.poll(() => cache.get('a'), PATIENCE).toBeUndefined();
    }
  });
});
