import { createDeferred } from '@perf/core';
import { startProxy, type RedisServer } from '@perf/test-servers';
import { describe, expect, test } from 'vitest';
import { KeySpace } from '../../src/keys/key-space.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { connected, eventually, nothingPending, useCaches } from './caches.ts';

describe.skipIf(noRedis)('caches that share a Redis', () => {
  const redis = useRedis();
  const caches = useCaches();
  const at = ({ url }: Pick<RedisServer, 'url'>): { redis: { url: string } } => ({
    redis: { url },
  });
  const space = (): KeySpace => new KeySpace(caches.prefix);

  test('load a value whose tag was invalidated once, though it is still there', async () => {
    const fleet = await caches.fleet(3, at(redis.server));
    const [first, second] = fleet;
    await first?.getOrSet('k', () => 'old', { tags: ['x'] });
    await second?.get('k');
    const outcome = await second?.invalidateTags(['x']);
    expect(outcome).toEqual({ local: true, stores: 'applied', bus: 'sent' });
    expect(await redis.server.command('EXISTS', space().valueOf('k'))).toBe(1);
    await eventually(() => {
      expect(fleet.map((cache) => cache.getLocal('k'))).toEqual([undefined, undefined, undefined]);
    });
    let loads = 0;
    const values = await Promise.all(
      fleet.map((cache) => cache.getOrSet('k', () => `new ${++loads}`, { tags: ['x'] })),
    );
    expect(values).toEqual(['new 1', 'new 1', 'new 1']);
    expect(loads).toBe(1);
  });

  test('find nothing that is older than a ledger that was lost, nor what was loaded across its loss', async () => {
    const [first, second] = await caches.fleet(2, at(redis.server));
    await first?.getOrSet('before', () => 'old');
    expect(await second?.get('before')).toBe('old');
    const reached = createDeferred();
    const loaded = createDeferred<string>();
    const across = first?.getOrSet('across', () => {
      reached.resolve();
      return loaded.promise;
    });
    await reached.promise;
    await redis.server.command('DEL', space().ledger);
    // Whoever reads the ledger next makes another one; both may at once.
    await Promise.all([first?.get('nothing'), second?.get('nothing')]);
    loaded.resolve('old');
    expect(await across).toBe('old');
    await eventually(async () => {
      for (const cache of [first, second]) {
        expect(await cache?.get('before')).toBeUndefined();
        expect(await cache?.get('across')).toBeUndefined();
      }
    });
    // They agree on the ledger: what one loads, the other finds.
    await first?.getOrSet('after', () => 'new');
    expect(await second?.get('after')).toBe('new');
  });

  test('do not find a value that was set long ago, timed out, and reaches Redis after a newer delete', async () => {
    await using proxy = await startProxy({ target: redis.server });
    const late = { url: proxy.url ?? '', connection: { socketTimeout: 500 } };
    const writer = caches.open({ redis: late, storeTimeout: 200 });
    const reader = caches.open(at(redis.server));
    await Promise.all([connected(writer, 1), connected(reader, 1)]);
    await writer.set('k', 'first');
    const held = proxy.connections((connection) => connection.sent('evalsha'));
    for (const connection of held) connection.hold('toServer');
    expect((await writer.set('k', 'late')).stores).toBe('queued');
    await nothingPending(writer);
    const outcome = await writer.delete('k');
    expect(outcome).toEqual({ local: true, stores: 'applied', bus: 'sent' });
    for (const connection of held) connection.release('toServer');
    // Behind everything that the old connections may still bring.
    await eventually(() => {
      expect(proxy.connections((connection) => held.includes(connection))).toEqual([]);
    });
    expect(await redis.server.command('EXISTS', space().valueOf('k'))).toBe(0);
    expect(await reader.get('k')).toBeUndefined();
  });

  test('store nothing that was loaded while everything was flushed', async () => {
    const [first, second] = await caches.fleet(2, at(redis.server));
    const reached = createDeferred();
    const loaded = createDeferred<string>();
    const loading = first?.getOrSet('k', () => {
      reached.resolve();
      return loaded.promise;
    });
    await reached.promise;
    await redis.server.command('FLUSHALL');
    loaded.resolve('old');
    expect(await loading).toBe('old');
    expect(await redis.server.command('EXISTS', space().valueOf('k'))).toBe(0);
    expect(await second?.get('k')).toBeUndefined();
  });

  test.each(['value', 'ticket'] as const)(
    'need at most one more load when the %s of a key is evicted at any step',
    async (what) => {
      const [first, second] = await caches.fleet(2, { ...at(redis.server), memory: false });
      const name = what === 'value' ? space().valueOf('k') : space().ticketOf('k');
      const evict = (): Promise<unknown> => redis.server.command('DEL', name);
      let loads = 0;
      const load = async (): Promise<string> => {
        loads++;
        await evict();
        return 'value';
      };
      await evict();
      expect(await first?.getOrSet('k', load)).toBe('value');
      expect(await second?.getOrSet('k', load)).toBe('value');
      await evict();
      expect(await first?.getOrSet('k', load)).toBe('value');
      expect(loads).toBeLessThanOrEqual(3);
      expect(await second?.getOrSet('k', () => 'value')).toBe('value');
    },
  );
});

describe.skipIf(noRedis)('caches whose Redis comes back with an older copy', () => {
  const redis = useRedis();
  const caches = useCaches();

  test('find nothing in it that was there before, and share again what is loaded from then on', async () => {
    const { server } = redis;
    const [first, second] = await caches.fleet(2, { redis: { url: server.url } });
    await first?.getOrSet('deleted', () => 'old');
    await first?.getOrSet('tagged', () => 'old', { tags: ['x'] });
    const snapshot = await server.saveSnapshot();
    await first?.delete('deleted');
    await first?.invalidateTags(['x']);
    await server.restart({ snapshot });
    // Nobody has been told that it is back: whoever asks has to find out.
    for (const cache of [first, second]) {
      if (cache !== undefined) await connected(cache, 1);
      expect(await cache?.get('deleted')).toBeUndefined();
      expect(await cache?.get('tagged')).toBeUndefined();
    }
    await first?.getOrSet('deleted', () => 'new');
    expect(await second?.get('deleted')).toBe('new');
  });

  test.each(DRIVERS)(
    'find nothing of it while the new server is greeted, with $version',
    async (driver) => {
      const { server } = redis;
      const client = clientOf(driver, server);
      const cache = caches.open({ redis: { client }, bus: undefined, memory: false });
      await cache.getOrSet('k', () => 'old');
      const snapshot = await server.saveSnapshot();
      expect(await cache.delete('k')).toMatchObject({ stores: 'applied' });
      // Nobody calls while it is away, so nobody knows of anything.
      const asked = createDeferred<string | undefined>();
      client.on('ready', () => {
        asked.resolve(cache.get('k'));
      });
      await server.restart({ snapshot });
      expect(await asked.promise).toBeUndefined();
      client.disconnect();
    },
  );
});
