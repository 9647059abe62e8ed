import type { TieredCache } from '@perf/cache-core';
import type { RedisCluster, RedisServer } from '@perf/test-servers';
import { describe, expect, test } from 'vitest';
import { KeySpace } from '../../src/keys/key-space.ts';
import type { ClientSource } from '../../src/index.ts';
import { noRedis, useRedisCluster, useRedisSentinel } from '../fixtures/redis.ts';
import { eventually, nothingPending, useCaches } from './caches.ts';

describe.skipIf(noRedis)('caches behind Sentinel', () => {
  const servers = useRedisSentinel();
  const caches = useCaches();

  test('invalidate again what a failover has lost', async () => {
    const { sentinel } = servers;
    const redis: ClientSource = { connection: { ...sentinel.clientOptions } };
    const [first, second] = await caches.fleet(2, { redis });
    await first?.getOrSet('deleted', () => 'old');
    await first?.getOrSet('tagged', () => 'old', { tags: ['x'] });
    await first?.getOrSet('kept', () => 'value');
    const primary = await sentinel.primary();
    const replica = sentinel.nodes.find((node) => node !== primary);
    const space = new KeySpace(caches.prefix);
    await eventually(async () => {
      expect(await replica?.command('EXISTS', space.valueOf('kept'))).toBe(1);
    });
    // From here on nothing reaches the replica, which has all that came before.
    await replica?.command('CONFIG', 'SET', 'masterauth', 'wrong');
    await primary.command('CLIENT', 'KILL', 'TYPE', 'replica');
    const outcomes = [await first?.delete('deleted'), await first?.invalidateTags(['x'])];
    for (const outcome of outcomes) expect(outcome).toMatchObject({ stores: 'applied' });
    await primary.kill();
    await sentinel.waitForPrimary({ not: primary });
    expect(await replica?.command('EXISTS', space.valueOf('deleted'))).toBe(1);
    await eventually(async () => {
      for (const cache of [first, second]) {
        expect(await cache?.health()).toMatchObject({
          healthy: true,
          stores: [{ available: true }],
        });
      }
    });
    for (const cache of [first, second]) {
      expect(await cache?.get('deleted')).toBeUndefined();
      expect(await cache?.get('tagged')).toBeUndefined();
    }
    // What is to be invalidated again is stored only afterwards.
    if (first !== undefined) await nothingPending(first);
    await first?.getOrSet('deleted', () => 'new');
    expect(await second?.get('deleted')).toBe('new');
  });
});

describe.skipIf(noRedis)('caches on a cluster', () => {
  const servers = useRedisCluster({
    masters: 3,
    replicasEach: 0,
    config: { 'cluster-require-full-coverage': 'no' },
  });
  const caches = useCaches();
  const sourceOf = ({ nodes, password }: RedisCluster): ClientSource => ({
    cluster: nodes.map(({ host, port }) => ({ host, port })),
    connection: password === undefined ? {} : { password },
  });
  const KEYS = Array.from({ length: 60 }, (_, n) => `key ${n}`);

  /** The keys whose values are on a node. */
  async function keysOn(node: RedisServer): Promise<readonly string[]> {
    const space = new KeySpace(caches.prefix);
    const masters = await Promise.all(
      KEYS.map((key) => servers.cluster.masterOf(space.valueOf(key))),
    );
    return KEYS.filter((_, index) => masters[index] === node);
  }

  const loadAll = (cache: TieredCache<string> | undefined): Promise<unknown> =>
    Promise.all(KEYS.map(async (key) => cache?.getOrSet(key, () => key, { tags: ['all'] })));

  test('do everything with keys on all nodes', async () => {
    const [first, second] = await caches.fleet(2, { redis: sourceOf(servers.cluster) });
    await loadAll(first);
    expect((await second?.getMany(KEYS))?.size).toBe(KEYS.length);
    const [one = '', two = '', three = '', ...rest] = KEYS;
    for (const outcome of [
      await first?.delete(one),
      await first?.set(two, 'set'),
      await first?.invalidatePattern(three),
    ]) {
      expect(outcome).toEqual({ local: true, stores: 'applied', bus: 'sent' });
    }
    expect(await second?.writeThrough(one, () => Promise.resolve('written'))).toBe('written');
    await eventually(async () => {
      expect(await second?.get(two)).toBe('set');
      expect(await first?.get(one)).toBe('written');
      expect(await second?.get(three)).toBeUndefined();
    });
    await second?.invalidateTags(['all']);
    await eventually(async () => {
      expect(await first?.getMany(rest)).toEqual(new Map());
    });
    await first?.clear();
    await eventually(async () => {
      expect(await second?.getMany(KEYS)).toEqual(new Map());
    });
  });

  test('find nothing while the node of the ledger is down, and load', async () => {
    const { cluster } = servers;
    const [cache] = await caches.fleet(1, { redis: sourceOf(cluster), memory: false });
    await loadAll(cache);
    const node = await cluster.masterOf(new KeySpace(caches.prefix).ledger);
    await node.kill();
    try {
      for (const key of KEYS) expect(await cache?.get(key)).toBeUndefined();
      expect(await cache?.getOrSet('key 0', () => 'loaded')).toBe('loaded');
    } finally {
      await node.restart();
      await cluster.ready();
    }
    await eventually(async () => {
      if (cache !== undefined) await nothingPending(cache);
      await cache?.getOrSet('after', () => 'value');
      expect(await cache?.get('after')).toBe('value');
    });
  });

  test('serve what is on the other nodes while one is down, once it is known', async () => {
    const { cluster } = servers;
    const [cache] = await caches.fleet(1, { redis: sourceOf(cluster), memory: false });
    await loadAll(cache);
    const ledger = await cluster.masterOf(new KeySpace(caches.prefix).ledger);
    const node = (await cluster.masters()).find((one) => one !== ledger);
    if (node === undefined) throw new Error('there is one master only');
    const lost = await keysOn(node);
    const others = KEYS.filter((key) => !lost.includes(key));
    expect(lost.length * others.length).toBeGreaterThan(0);
    await node.kill();
    try {
      await eventually(async () => {
        expect((await cache?.getMany(others))?.size).toBe(others.length);
      });
      const loaded = await cache?.getOrSet(lost[0] ?? '', () => 'loaded');
      expect(loaded).toBe('loaded');
      // What cannot be written there, however often it is tried, takes no other key away.
      const before = cache?.stats().tiers[0];
      expect(await cache?.deleteMany(lost)).toMatchObject({ stores: 'queued' });
      await eventually(() => {
        expect((cache?.stats().tiers[0]?.errors ?? 0) - (before?.errors ?? 0)).toBeGreaterThan(4);
      });
      const found = await cache?.getMany(others);
      expect([found?.size, cache?.stats().tiers[0]?.pending]).toEqual([others.length, lost.length]);
    } finally {
      await node.restart();
      await cluster.ready();
    }
    await eventually(async () => {
      await loadAll(cache);
      expect((await cache?.getMany(KEYS))?.size).toBe(KEYS.length);
    });
  });
});
