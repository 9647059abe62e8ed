import { setTimeout as wait } from 'node:timers/promises';
import type { TieredCache } from '@perf/cache-core';
import { startProxy, type FaultProxy, type RedisServer } from '@perf/test-servers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeySpace } from '../../src/keys/key-space.ts';
import { noRedis, useRedis, useRedisCluster, useRedisSentinel } from '../fixtures/redis.ts';
import { freshPrefix } from '../fixtures/stores.ts';
import { usePrograms } from './build-programs.ts';
import { eventually, useCaches } from './caches.ts';
import { Callers } from './callers.ts';
import { Herd } from './herd.ts';

/** At most so many loads at once, whatever happens. */
const CONCURRENCY = 8;
/** Small, so that a server that does not answer is left alone soon. */
const STORE_TIMEOUT = 100;
const COOL = { loadConcurrency: CONCURRENCY, storeTimeout: STORE_TIMEOUT, leaseWait: 500 } as const;

/** Nobody was told of anything but values and their own loader's errors; and Redis is of use again. */
async function expectRecovery(callers: Callers, cache: TieredCache<string>): Promise<void> {
  await eventually(async () => {
    expect(await cache.health()).toMatchObject({ healthy: true });
  });
  await eventually(async () => {
    const before = callers.loads;
    await callers.once();
    expect(callers.loads).toBe(before);
  });
  expect(callers.surprises).toEqual([]);
  expect(callers.most).toBeLessThanOrEqual(CONCURRENCY);
}

/** What the server says until it is over. */
async function watchReplies(
  server: RedisServer,
  replies: string[],
  over: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  while (!isOver) {
    const asked = server.command('GET', 'k').catch(String);
    replies.push(String(await asked));
    isOver = await Promise.race([over.then(() => true), wait(20).then(() => false)]);
  }
}

describe.skipIf(noRedis)('callers of a cache get values or the errors of their loaders', () => {
  const redis = useRedis();
  const caches = useCaches();
  let proxy: FaultProxy;
  beforeEach(async () => {
    proxy = await startProxy({ target: redis.server });
  });
  afterEach(async () => {
    await proxy.close();
  });

  const FAULTS: Readonly<
    Record<string, (server: RedisServer, calling: () => Promise<void>) => Promise<void>>
  > = {
    'is frozen': async (server, calling) => {
      await server.freeze();
      await calling();
      await server.thaw();
    },
    'is stopped, and started again empty': async (server, calling) => {
      await server.kill();
      await calling();
      await server.restart({ keepData: false });
    },
    'is killed, and started again': async (server, calling) => {
      await server.kill();
      await calling();
      await server.restart();
    },
    'cannot be reached': async (_, calling) => {
      proxy.blackHole();
      await calling();
      await proxy.resume();
    },
    'is cut off': async (_, calling) => {
      await proxy.cut({ refuse: true });
      await calling();
      await proxy.resume();
    },
    'hears, and is not heard': async (_, calling) => {
      proxy.blackHole('toClient');
      await calling();
      await proxy.resume();
    },
    'has no room, and evicts nothing': async (server, calling) => {
      await server.command('CONFIG', 'SET', 'maxmemory', '1');
      await calling();
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
    },
    'has something else where values and tickets are': async (server, calling) => {
      const space = new KeySpace(caches.prefix);
      const keys = Callers.KEYS.flatMap((key) => [space.valueOf(key), space.ticketOf(key)]);
      for (const key of keys) {
        await server.command('DEL', key);
        await server.command('LPUSH', key, 'no value');
      }
      await calling();
    },
    'became a replica of nobody who answers': async (server, calling) => {
      await server.command('REPLICAOF', '127.0.0.1', '1');
      await calling();
      await server.command('REPLICAOF', 'NO', 'ONE');
    },
    'forgets its scripts, its ledger and everything else': async (server, calling) => {
      await server.command('SCRIPT', 'FLUSH');
      await server.command('FLUSHALL');
      await calling();
    },
    'closes all connections': async (server, calling) => {
      await server.command('CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'normal');
      await server.command('CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'pubsub');
      await calling();
    },
  };

  test.each(Object.entries(FAULTS))('while Redis %s', async (_, fault) => {
    const redisAt = { url: proxy.url ?? '' };
    for (const memory of [{}, false] as const) {
      const cache = caches.open({ redis: redisAt, memory, ...COOL });
      const callers = new Callers(cache);
      await callers.once();
      await fault(redis.server, async () => {
        for (let round = 0; round < 3; round++) await callers.once();
      });
      await expectRecovery(callers, cache);
      await cache.close();
    }
  });
});

describe.skipIf(noRedis)('callers of a cache whose Redis reads its data after a start', () => {
  // 20 ms for each key: it answers all the while, with LOADING.
  const redis = useRedis({
    config: { 'key-load-delay': '20000', 'loading-process-events-interval-bytes': '1024' },
  });
  const caches = useCaches();

  test('get values', async () => {
    const { server } = redis;
    const cache = caches.open({ redis: { url: server.url }, ...COOL });
    const callers = new Callers(cache);
    await callers.once();
    const filler = Array.from({ length: 60 }, (_, n) => [`filler ${n}`, 'x'.repeat(2000)]);
    await server.command('MSET', ...filler.flat());
    const snapshot = await server.saveSnapshot();
    const replies: string[] = [];
    const restarted = server.restart({ snapshot });
    const watched = watchReplies(server, replies, restarted);
    await callers.until(restarted);
    await watched;
    expect(replies.some((reply) => reply.includes('LOADING'))).toBe(true);
    await expectRecovery(callers, cache);
  });
});

describe.skipIf(noRedis)('a process whose Redis cannot be reached any more', () => {
  const redis = useRedis();
  const programs = usePrograms();

  test.each(['black hole', 'frozen'])(
    'ends by itself when its cache is closed: %s',
    async (how) => {
      await using proxy = await startProxy({ target: redis.server });
      const options = { url: proxy.url ?? '', prefix: freshPrefix(), leaseWait: 500 };
      const herd = new Herd(programs().caller, 1, options);
      await eventually(() => {
        expect(herd.processes[0]?.others).toBe(0);
      });
      herd.onLoad((from) => {
        from.send({ kind: 'loaded', value: 'value' });
      });
      if (how === 'frozen') await redis.server.freeze();
      else proxy.blackHole();
      expect(await herd.ask('k', 20)).toEqual({ values: new Map([['value', 20]]), rejected: 0 });
      expect(await herd.close()).toEqual([]);
      await redis.server.thaw();
    },
  );
});

describe.skipIf(noRedis)('callers of a cache behind Sentinel', () => {
  const servers = useRedisSentinel();
  const caches = useCaches();

  test('get values while another primary is chosen, and Redis is of use again after it', async () => {
    const { sentinel } = servers;
    const cache = caches.open({ redis: { connection: { ...sentinel.clientOptions } }, ...COOL });
    const callers = new Callers(cache);
    await callers.once();
    const primary = await sentinel.primary();
    await primary.kill();
    const chosen = sentinel.waitForPrimary({ not: primary });
    await callers.until(chosen);
    await expectRecovery(callers, cache);
  });
});

describe.skipIf(noRedis)('callers of a cache on a cluster', () => {
  const servers = useRedisCluster();
  const caches = useCaches();
  const open = (): TieredCache<string> => {
    const { nodes, password } = servers.cluster;
    const cluster = nodes.map(({ host, port }) => ({ host, port }));
    const redis = { cluster, connection: password === undefined ? {} : { password } };
    return caches.open({ redis, memory: false, ...COOL, storeTimeout: 500 });
  };

  test('get values while a slot is moved', async () => {
    const { cluster } = servers;
    const cache = open();
    const callers = new Callers(cache);
    await callers.once();
    const key = new KeySpace(caches.prefix).valueOf(Callers.KEYS[0] ?? '');
    const from = await cluster.masterOf(key);
    const to = (await cluster.masters()).find((master) => master !== from);
    if (to === undefined) throw new Error('there is one master only');
    const move = await cluster.startSlotMove(key, to);
    await callers.once();
    await cache.delete(Callers.KEYS[0] ?? '');
    await move.moveKeys(1);
    await callers.once();
    await move.finish();
    await callers.once();
    await expectRecovery(callers, cache);
  });

  test('get values while a master is down, and Redis is of use again with its replica', async () => {
    const { cluster } = servers;
    const cache = open();
    const callers = new Callers(cache);
    await callers.once();
    const [node] = await cluster.masters();
    await node?.kill();
    await callers.until(cluster.ready());
    await expectRecovery(callers, cache);
    await node?.restart();
    await cluster.ready();
  });
});
