import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createCache } from '@perf/cache-core';
import { startProxy, startRedis, type RedisServer } from '@perf/test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { redisStore, type RedisStore } from '../src/index.ts';
import { clientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';
import { CALL, freshPrefix, getText, setText, useStores } from './fixtures/stores.ts';

const RETRY = { retryStrategy: () => 20 };

describe.skipIf(noRedis)('redisStore in trouble', () => {
  const redis = useRedis();
  const stores = useStores();
  const servers: RedisServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  async function start(): Promise<RedisServer> {
    const server = await startRedis();
    servers.push(server);
    return server;
  }

  it('does not hold its first readers up when the server is frozen from the start', async () => {
    const server = await start();
    await server.freeze();
    const store = stores.open({ url: server.url, connection: { connectTimeout: 200 } });
    const cache = createCache<string>({ stores: [store], memory: false, storeTimeout: 100 });
    const told: unknown[] = [];
    cache.on('error', ({ error }) => told.push((error as Error).cause));
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded');
    expect(told[0]).toMatchObject({
      code: 'PERF_TIMEOUT',
      message: expect.stringContaining('the start of store "redis" (storeTimeout)') as string,
    });
    // One who waits for the connection is told after connectTimeout, although it stands.
    const other = stores.open({ url: server.url, connection: { connectTimeout: 200 } });
    await expect(other.starting()).rejects.toMatchObject({
      cause: { code: 'PERF_TIMEOUT', timeout: 200 },
    });
    await server.thaw();
    await expect.poll(async () => (await store.health(CALL)).healthy).toBe(true);
    await cache.close();
  });

  describe.each(DRIVERS)('with $version', (one) => {
    function openOn(address: Pick<RedisServer, 'host' | 'port' | 'password'>): RedisStore {
      return stores.open({ client: stores.keep(clientOf(one, address, RETRY)) });
    }

    it('ends every call by its signal while the server is frozen, and goes on by the same connection', async () => {
      const server = await start();
      const store = openOn(server);
      await setText(store, 'a', '1');
      const before = await server.command('CLIENT', 'LIST', 'TYPE', 'normal');
      await server.freeze();
      const why = new Error('time is up');
      const controller = new AbortController();
      const call = { signal: controller.signal };
      const write = { key: 'a', bytes: Buffer.from('2'), ttl: Infinity };
      const calls = Promise.allSettled([
        store.getMany(['a'], call),
        store.setMany([write], call),
        store.deleteMany(['b'], call),
        store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, call),
        store.fencing.begin('c', 't', 1000, call),
        store.keys('', call)[Symbol.asyncIterator]().next(),
        store.clear(call),
        store.sever({ signal: AbortSignal.abort(why) }),
      ]);
      const health = store.health(call);
      await turn();
      controller.abort(why);
      for (const result of await calls) expect(result).toEqual({ status: 'rejected', reason: why });
      expect(await health).toEqual({ healthy: false, reason: 'time is up' });
      await server.thaw();
      // What was given up may take effect, but nothing after what comes later.
      expect(await setText(store, 'a', '3')).toBe('stored');
      expect(await getText(store, 'a')).toBe('3');
      const after = await server.command('CLIENT', 'LIST', 'TYPE', 'normal');
      expect(/id=(\d+)/.exec(String(after))?.[1]).toBe(/id=(\d+)/.exec(String(before))?.[1]);
    });

    it('rejects at once while there is no connection, and works when there is one again', async () => {
      const server = await start();
      const client = stores.keep(clientOf(one, server, RETRY));
      const store = stores.open({ client });
      await setText(store, 'a', '1');
      await server.kill();
      await expect.poll(() => client.status).not.toBe('ready');
      await expect(getText(store, 'a')).rejects.toMatchObject({
        code: 'PERF_CACHE_STORE',
        cause: { code: 'PERF_CACHE_REDIS_NOT_CONNECTED' },
      });
      await expect(setText(store, 'a', '2')).rejects.toThrow(/failed at setMany/);
      await expect(store.fencing.delta({ seq: 0, drop: 0 }, CALL)).rejects.toThrow(/at delta/);
      expect(await store.health(CALL)).toMatchObject({
        healthy: false,
        reason: expect.stringContaining('not connected to Redis') as string,
      });
      expect(store.starting()).toBeUndefined();
      await server.restart({ keepData: false });
      await expect.poll(async () => (await store.health(CALL)).healthy).toBe(true);
      expect(await getText(store, 'a')).toBeUndefined();
    });

    it('answers what is under way when the connection is lost', async () => {
      const server = await start();
      const store = openOn(server);
      await setText(store, 'a', '1');
      await server.freeze();
      const calls = Promise.allSettled([
        getText(store, 'a'),
        setText(store, 'a', '2'),
        store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, CALL),
      ]);
      await turn();
      await server.kill();
      for (const { status } of await calls) expect(status).toBe('rejected');
    });

    it('notices a ledger that went back to an older copy, and one that is gone', async () => {
      const server = await start();
      const store = openOn(server);
      const { fencing } = store;
      const first = await fencing.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
      const snapshot = await server.saveSnapshot();
      const second = await fencing.bump([{ kind: 'tag', name: 'y' }], 0, CALL);
      await server.restart({ snapshot });
      await expect.poll(async () => (await store.health(CALL)).healthy).toBe(true);
      const delta = await fencing.delta({ seq: second.seq, drop: 0 }, CALL);
      expect(delta).toMatchObject({ id: first.id, seq: first.seq, facts: [] });
      const third = await fencing.bump([{ kind: 'tag', name: 'z' }], second.seq, CALL);
      expect(third.seq).toBeGreaterThan(second.seq);
      await server.command('FLUSHALL');
      expect((await fencing.delta({ seq: 0, drop: 0 }, CALL)).id).not.toBe(first.id);
    });

    it('keeps keys, values and passwords out of its errors', async () => {
      const server = await start();
      const store = openOn(server);
      await setText(store, 'a', '1');
      await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
      const error: unknown = await setText(store, 'secret key', 'secret value').catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(Error);
      const shown = inspect(error, { depth: 10, showHidden: true });
      expect(shown).toContain('NOREPLICAS');
      for (const secret of ['secret', server.password ?? '']) expect(shown).not.toContain(secret);
    });

    it('greets a client that is handed in before it was connected, and one that cannot be', async () => {
      const client = stores.keep(clientOf(one, redis.server));
      const store = stores.open({ client });
      expect(client.status).toBe('wait');
      await store.starting();
      expect(client.status).toBe('ready');
      expect(store.starting()).toBeUndefined();
      const nobody = { host: '127.0.0.1', port: 1, password: undefined };
      const lost = stores.open({ client: stores.keep(clientOf(one, nobody)) });
      await expect(lost.starting()).rejects.toThrow(/not connected to Redis/);
      await expect(getText(lost, 'a')).rejects.toThrow(/failed at getMany/);
    });

    it('leaves a client that was handed in connected when it is closed', async () => {
      const client = stores.keep(clientOf(one, redis.server));
      const store = stores.open({ client });
      await setText(store, 'a', '1');
      await store.close();
      expect(client.status).toBe('ready');
      expect(await client.call('ping')).toBe('PONG');
    });

    it('adds to a client no more listeners for a hundred stores than for one', async () => {
      const client = stores.keep(clientOf(one, redis.server));
      const emitter = client as unknown as EventEmitter;
      const count = (): number => emitter.listenerCount('ready');
      const first = stores.open({ client });
      await setText(first, 'a', '1');
      const before = count();
      for (let n = 0; n < 100; n++) await setText(stores.open({ client }), 'a', '1');
      expect(count()).toBe(before);
    });
  });

  describe('by an address of its own', () => {
    it('connects at the first call, and disconnects when it is closed', async () => {
      const prefix = freshPrefix();
      const store = stores.open({
        url: redis.server.url,
        prefix,
        connection: { connectionName: prefix },
      });
      const connections = async () =>
        String(await redis.server.command('CLIENT', 'LIST')).split(`name=${prefix} `).length - 1;
      expect(await connections()).toBe(0);
      expect(await setText(store, 'a', '1')).toBe('stored');
      expect(await connections()).toBe(1);
      const answer = getText(store, 'a');
      await store.close();
      expect(await answer).toBe('1');
      await expect.poll(connections).toBe(0);
    });

    it('tells what is wrong with the connection, without the password', async () => {
      const store = stores.open({ url: 'redis://user:secret@127.0.0.1:1' });
      const told: unknown[] = [];
      store.on('trouble', (event) => told.push(event));
      await expect(store.starting()).rejects.toThrow(/not connected to Redis/);
      expect(told).toMatchObject([{ operation: 'connect', error: { code: 'ECONNREFUSED' } }]);
      const error: unknown = await getText(store, 'a').catch((reason: unknown) => reason);
      expect(error).toMatchObject({ cause: { cause: { code: 'ECONNREFUSED' } } });
      expect(inspect([told, error], { depth: 10 })).not.toContain('secret');
    });

    it('rejects a wrong password as such', async () => {
      const { host, port } = redis.server;
      const store = stores.open({ url: `redis://:wrong@${host}:${port}` });
      await expect(getText(store, 'a')).rejects.toMatchObject({
        cause: { cause: { message: expect.stringContaining('WRONGPASS') as string } },
      });
    });

    it('gives up a connection on which nothing is answered any more for a new one', async () => {
      await using proxy = await startProxy({ target: redis.server });
      const { password } = redis.server;
      const store = stores.open({
        connection: { host: proxy.host, port: proxy.port, password, socketTimeout: 100 },
      });
      await setText(store, 'a', '1');
      proxy.connections()[0]?.blackHole();
      await expect(getText(store, 'a')).rejects.toThrow(/failed at getMany/);
      await expect
        .poll(() => getText(store, 'a').catch(() => 'not yet'), { timeout: 10_000 })
        .toBe('1');
    });

    it('severs many lost connections without a warning', async () => {
      await using proxy = await startProxy({ target: redis.server });
      const { password } = redis.server;
      const store = stores.open({ connection: { host: proxy.host, port: proxy.port, password } });
      for (let loss = 0; loss < 12; loss++) {
        await expect
          .poll(() => getText(store, 'a').catch(() => 'not yet'), { timeout: 10_000 })
          .toBeUndefined();
        await proxy.cut();
      }
      await expect
        .poll(() => getText(store, 'a').catch(() => 'not yet'), { timeout: 10_000 })
        .toBeUndefined();
      const warnings: Error[] = [];
      const warn = (warning: Error): void => {
        warnings.push(warning);
      };
      process.on('warning', warn);
      expect(await store.sever({ signal: new AbortController().signal })).toBe(true);
      await turn();
      process.off('warning', warn);
      expect(warnings).toEqual([]);
    });

    it('serves a cache while Redis is down, and is told what it missed', async () => {
      const server = await start();
      const prefix = freshPrefix();
      await using cache = createCache<string>({
        ttl: '1h',
        memory: false,
        stores: [redisStore({ url: server.url, prefix })],
      });
      await cache.set('a', 'old');
      await server.kill();
      expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded');
      expect(await cache.delete('a')).toMatchObject({ stores: 'queued' });
      await server.restart();
      await expect.poll(() => cache.get('a'), { timeout: 10_000 }).toBeUndefined();
      await expect
        .poll(async () => (await cache.set('a', 'new')).stores, { timeout: 10_000 })
        .toBe('applied');
      expect(await server.command('EXISTS', `{${prefix}:a}`)).toBe(1);
    });
  });
});
