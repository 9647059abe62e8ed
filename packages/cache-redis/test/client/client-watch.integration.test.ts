import { setImmediate as turn } from 'node:timers/promises';
import { createDeferred } from '@perf/core';
import type { StoreListener } from '@perf/cache-core';
import { startProxy, startRedis, type RedisServer } from '@perf/test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import type { RedisClient, RedisServerError, RedisStore } from '../../src/index.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { CALL, getText, setText, useStores } from '../fixtures/stores.ts';

/** What a store tells of its servers. */
function follow(store: RedisStore) {
  const told: string[] = [];
  const warnings: Error[] = [];
  let next = createDeferred<string>();
  const listener: StoreListener = {
    onReplaced(how) {
      told.push(how);
      next.resolve(how);
      next = createDeferred();
    },
    onWarning(warning) {
      warnings.push(warning);
    },
  };
  store.watch(listener);
  return { told, warnings, next: () => next.promise };
}

/** Resolves at the client's next event of this name. */
function once(client: RedisClient, event: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = (): void => {
      client.off(event, listener);
      resolve();
    };
    client.on(event, listener);
  });
}

describe.skipIf(noRedis).each(DRIVERS)('the servers behind a client of $version', (one) => {
  const redis = useRedis();
  const stores = useStores();
  const servers: RedisServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  async function start(config: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const server = await startRedis({ config });
    servers.push(server);
    return server;
  }
  const RETRY = { retryStrategy: () => 20 };

  function openOn(address: Pick<RedisServer, 'host' | 'port' | 'password'>) {
    const client = stores.keep(clientOf(one, address, RETRY));
    return { client, store: stores.open({ client }) };
  }

  it('are the same after a connection was lost: nothing is told', async () => {
    const { client, store } = openOn(redis.server);
    const followed = follow(store);
    await setText(store, 'a', '1');
    const ready = once(client, 'ready');
    client.disconnect(true);
    await ready;
    expect(await getText(store, 'a')).toBe('1');
    expect(followed).toMatchObject({ told: [], warnings: [] });
  });

  it('begun anew at the same address are told as a restart, whether they kept their data or not', async () => {
    const server = await start();
    const { client, store } = openOn(server);
    const followed = follow(store);
    await setText(store, 'a', '1');
    for (const keepData of [true, false]) {
      const next = followed.next();
      const ready = once(client, 'ready');
      await server.restart({ keepData });
      await ready;
      expect(await next).toBe('restart');
      expect(await getText(store, 'a')).toBe(keepData ? '1' : undefined);
    }
    expect(followed.told).toEqual(['restart', 'restart']);
  });

  it('that were demoted and promoted meanwhile are told as a failover', async () => {
    const server = await start();
    const other = await start();
    const { client, store } = openOn(server);
    const followed = follow(store);
    await setText(store, 'a', '1');
    await server.command('REPLICAOF', other.host, other.port);
    await server.command('REPLICAOF', 'NO', 'ONE');
    const next = followed.next();
    client.disconnect(true);
    expect(await next).toBe('failover');
  });

  it('are told to every store of the client, and to none that is closed', async () => {
    const server = await start();
    const { client, store } = openOn(server);
    const second = stores.open({ client });
    const third = stores.open({ client });
    const followed = [store, second, third].map(follow);
    await setText(store, 'a', '1');
    await third.close();
    const next = followed[1]?.next();
    await server.restart();
    await next;
    expect(followed.map(({ told }) => told)).toEqual([['restart'], ['restart'], []]);
  });

  it('that evict the ledger are warned of, once for each store', async () => {
    const server = await start({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' });
    const { client, store } = openOn(server);
    const followed = follow(store);
    const events: RedisServerError[] = [];
    store.on('warning', ({ error }) => events.push(error));
    await setText(store, 'a', '1');
    const ready = once(client, 'ready');
    client.disconnect(true);
    await ready;
    await setText(store, 'a', '1');
    expect(followed.warnings).toMatchObject([{ problem: 'eviction' }]);
    expect(events).toEqual(followed.warnings);
    const later = follow(stores.open({ client }));
    expect(later.warnings).toEqual(followed.warnings);
  });

  it('that are replicas are warned of, unhealthy, and take no writes', async () => {
    const master = await start();
    const server = await start({ masterauth: master.password ?? '' });
    await server.command('REPLICAOF', master.host, master.port);
    const { store } = openOn(server);
    const followed = follow(store);
    await expect(setText(store, 'a', '1')).rejects.toMatchObject({
      code: 'PERF_CACHE_STORE',
      cause: { message: expect.stringContaining('READONLY') as string },
    });
    expect(followed.warnings).toMatchObject([{ problem: 'replica' }]);
    expect(await store.health(CALL)).toMatchObject({ healthy: false });
  });

  describe('sever', () => {
    it('has nothing to do while the connection is the same, or nothing was sent', async () => {
      const { store } = openOn(redis.server);
      expect(await store.sever(CALL)).toBe(true);
      await setText(store, 'a', '1');
      expect(await store.sever(CALL)).toBe(true);
    });

    it('keeps a write from landing that is still on its way through a connection that was lost', async () => {
      await using proxy = await startProxy({ target: redis.server });
      const address = { host: proxy.host, port: proxy.port, password: redis.server.password };
      const { client, store } = openOn(address);
      await setText(store, 'a', 'first');
      const [connection] = proxy.connections();
      connection?.hold('toServer');
      const late = setText(store, 'a', 'late');
      await turn();
      const ready = once(client, 'ready');
      client.disconnect(true);
      await expect(late).rejects.toThrow(/failed at setMany/);
      await ready;
      expect(connection?.buffered('toServer')).toBeGreaterThan(0);
      expect(await store.sever(CALL)).toBe(true);
      await store.deleteMany(['a'], CALL);
      connection?.release('toServer');
      await setText(store, 'b', 'after');
      // What was held has been delivered, to a connection that is no more.
      await expect.poll(() => connection?.open).toBe(false);
      expect(await getText(store, 'a')).toBeUndefined();
    });

    it('is what keeps it: without it the late write lands', async () => {
      await using proxy = await startProxy({ target: redis.server });
      const address = { host: proxy.host, port: proxy.port, password: redis.server.password };
      const { client, store } = openOn(address);
      await setText(store, 'a', 'first');
      const [connection] = proxy.connections();
      connection?.hold('toServer');
      const late = setText(store, 'a', 'late');
      await turn();
      const ready = once(client, 'ready');
      client.disconnect(true);
      await expect(late).rejects.toThrow(/failed at setMany/);
      await ready;
      await store.deleteMany(['a'], CALL);
      connection?.release('toServer');
      await expect.poll(() => getText(store, 'a')).toBe('late');
    });

    it('does it for every store of the client, however many ask', async () => {
      await using proxy = await startProxy({ target: redis.server });
      const address = { host: proxy.host, port: proxy.port, password: redis.server.password };
      const { client, store } = openOn(address);
      const second = stores.open({ client });
      await setText(store, 'a', 'first');
      proxy.connections()[0]?.hold('toServer');
      const ready = once(client, 'ready');
      client.disconnect(true);
      await ready;
      expect(await Promise.all([store.sever(CALL), second.sever(CALL)])).toEqual([true, true]);
      await expect.poll(() => proxy.connections().filter(({ open }) => open)).toHaveLength(1);
    });

    it('says that it cannot where CLIENT KILL is forbidden, to each store once', async () => {
      await redis.server.command(
        ...(['ACL', 'SETUSER', 'nokill', 'on', '>pw', '~*', '&*', '+@all'] as const),
        '-client|kill',
      );
      const login = { ...RETRY, username: 'nokill', password: 'pw' };
      const client = stores.keep(clientOf(one, redis.server, login));
      const [store, second] = [stores.open({ client }), stores.open({ client })];
      await setText(store, 'a', '1');
      await setText(second, 'a', '1');
      const ready = once(client, 'ready');
      client.disconnect(true);
      await ready;
      expect(await store.sever(CALL)).toBe(false);
      expect(await store.sever(CALL)).toBe(true);
      expect(await second.sever(CALL)).toBe(false);
    });

    it('forgets what was sent to a process that is no more, however often that happens', async () => {
      const { client, store } = openOn(redis.server);
      await setText(store, 'a', '1');
      const call = client.call.bind(client);
      for (let runId = 0; runId < 70; runId++) {
        client.call = async (command, ...args) => {
          const answer = await call(command, ...args);
          // As after a restart, which takes longer.
          return command === 'info'
            ? String(answer).replace(/run_id:\w+/, `run_id:${runId}`)
            : answer;
        };
        const ready = once(client, 'ready');
        client.disconnect(true);
        await ready;
        await setText(store, 'a', '1');
      }
      expect(await store.sever(CALL)).toBe(true);
    });

    it('rejects while there is no connection', async () => {
      const server = await start();
      const { client, store } = openOn(server);
      await setText(store, 'a', '1');
      const closed = once(client, 'close');
      await server.kill();
      await closed;
      await expect(store.sever(CALL)).rejects.toThrow(/failed at sever/);
      const ready = once(client, 'ready');
      await server.restart();
      await ready;
      // Another process: what was sent to the former one is gone with it.
      expect(await store.sever(CALL)).toBe(true);
    });
  });
});
