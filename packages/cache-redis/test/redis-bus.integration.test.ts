import { createDeferred } from '@perf/core';
import type { StoreCall } from '@perf/cache-core';
import { startProxy, startRedis } from '@perf/test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { redisBus, type RedisBus, type RedisBusOptions } from '../src/index.ts';
import { clientOf, clusterClientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedis, useRedisCluster, useRedisSentinel } from './fixtures/redis.ts';
import { CALL, freshPrefix, useStores } from './fixtures/stores.ts';

/** What a bus tells the cache that opened it. */
function listen(bus: RedisBus) {
  const told: string[] = [];
  let changed = createDeferred();
  const tell = (what: string): void => {
    told.push(what);
    changed.resolve();
    changed = createDeferred();
  };
  bus.open({
    onMessage: (message) => {
      tell(`message ${message}`);
    },
    onConnected: () => {
      tell('connected');
    },
    onDisconnected: () => {
      tell('disconnected');
    },
  });
  return {
    told,
    async until(count: number): Promise<readonly string[]> {
      while (told.length < count) await changed.promise;
      return told;
    },
  };
}

describe.skipIf(noRedis)('redisBus', () => {
  const stores = useStores();
  const buses: RedisBus[] = [];
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });
  function open(options: RedisBusOptions): RedisBus {
    const bus = redisBus(options);
    buses.push(bus);
    return bus;
  }

  it('wants a prefix or a channel, not both', () => {
    const url = 'redis://localhost';
    expect(() => redisBus({ url })).toThrow(/^prefix must be given/);
    expect(() => redisBus({ url, prefix: 'a', channel: 'b' })).toThrow(/^prefix must be/);
    expect(redisBus({ url, channel: 'mine' })).toMatchObject({ channel: 'mine', medium: 'redis' });
    expect(redisBus({ url: `${url}/2`, prefix: 'a:b' }).channel).toBe('{a%3Ab}:bus:2');
  });

  describe.each(DRIVERS)('on one server, with $version', (one) => {
    const redis = useRedis();
    const client = () => stores.keep(clientOf(one, redis.server, { retryStrategy: () => 20 }));

    it('carries messages between all that are open on a channel, its own included', async () => {
      const prefix = freshPrefix();
      const buses = [open({ client: client(), prefix }), open({ client: client(), prefix })];
      const other = open({ client: client(), prefix: freshPrefix() });
      const heard = [...buses, other].map(listen);
      await Promise.all(heard.map((one) => one.until(1)));
      const text = 'a\nb\0 é 👩';
      await buses[0]?.publish(text, CALL);
      await other.publish('else', CALL);
      for (const one of heard.slice(0, 2)) {
        expect(await one.until(2)).toEqual(['connected', `message ${text}`]);
      }
      expect(await heard[2]?.until(2)).toEqual(['connected', 'message else']);
    });

    it('hears everything that is published after it said that it is connected', async () => {
      for (let n = 0; n < 5; n++) {
        const bus = open({ client: client(), prefix: freshPrefix() });
        const heard = listen(bus);
        await heard.until(1);
        await bus.publish(`${n}`, CALL);
        expect(await heard.until(2)).toEqual(['connected', `message ${n}`]);
      }
    });

    it('says at once when its connection is lost, and again when it hears', async () => {
      const bus = open({ client: client(), prefix: freshPrefix() });
      const heard = listen(bus);
      await heard.until(1);
      await redis.server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(await heard.until(3)).toEqual(['connected', 'disconnected', 'connected']);
      await bus.publish('x', CALL);
      expect((await heard.until(4)).at(-1)).toBe('message x');
    });

    it('comes back after the server was gone for a while', async () => {
      await using server = await startRedis();
      const bus = open({
        client: stores.keep(clientOf(one, server, { retryStrategy: () => 20 })),
        prefix: freshPrefix(),
      });
      const troubles: string[] = [];
      const troubled = createDeferred();
      bus.on('trouble', ({ operation }) => {
        troubles.push(operation);
        troubled.resolve();
      });
      const heard = listen(bus);
      await heard.until(1);
      await server.kill();
      expect(await heard.until(2)).toEqual(['connected', 'disconnected']);
      await troubled.promise;
      await expect(bus.publish('lost', CALL)).rejects.toThrow(/not connected|closed|writeable/);
      await server.restart();
      expect(await heard.until(3)).toEqual(['connected', 'disconnected', 'connected']);
      await expect.poll(() => bus.publish('x', CALL).catch(() => 'not yet')).toBeUndefined();
      expect((await heard.until(4)).at(-1)).toBe('message x');
    });

    it('gives up a connection that hears nothing for a new one', async () => {
      await using proxy = await startProxy({ target: redis.server });
      const { password } = redis.server;
      const through = { host: proxy.host, port: proxy.port, password };
      const bus = open({
        client: stores.keep(clientOf(one, through)),
        prefix: freshPrefix(),
      });
      const heard = listen(bus);
      await heard.until(1);
      const [deaf] = proxy.connections((connection) => connection.sent('subscribe'));
      deaf?.blackHole();
      await bus.publish('unheard', CALL);
      bus.reconnect();
      expect(await heard.until(3)).toEqual(['connected', 'disconnected', 'connected']);
      await bus.publish('heard', CALL);
      expect((await heard.until(4)).at(-1)).toBe('message heard');
    });

    it('waits for a server that is not there yet', async () => {
      await using server = await startRedis();
      await server.kill();
      const bus = open({
        client: stores.keep(clientOf(one, server, { retryStrategy: () => 20 })),
        prefix: freshPrefix(),
      });
      const heard = listen(bus);
      await server.restart();
      expect(await heard.until(1)).toEqual(['connected']);
    });

    it('ends publishing by the signal, and rejects it once it is closed', async () => {
      await using server = await startRedis();
      const bus = open({ client: stores.keep(clientOf(one, server)), prefix: freshPrefix() });
      await bus.publish('x', CALL);
      await server.freeze();
      const why = new Error('time is up');
      const controller = new AbortController();
      const call: StoreCall = { signal: controller.signal };
      const published = bus.publish('x', call);
      controller.abort(why);
      await expect(published).rejects.toBe(why);
      await server.thaw();
      await bus.close();
      await expect(bus.publish('x', CALL)).rejects.toMatchObject({ code: 'PERF_CLOSED' });
    });

    it('leaves no connection behind when it is closed, and the client as it was', async () => {
      const name = freshPrefix();
      const connection = client();
      const bus = open({ client: connection, prefix: name });
      const heard = listen(bus);
      await heard.until(1);
      await bus.close();
      await bus.close();
      expect(connection.status).not.toBe('end');
      await expect
        .poll(async () => redis.server.command('PUBSUB', 'NUMSUB', `{${name}}:bus`))
        .toEqual([`{${name}}:bus`, 0]);
      expect(heard.told).toEqual(['connected', 'disconnected']);
    });

    it('hears without a client of the user, by an address', async () => {
      const bus = open({ url: redis.server.url, prefix: freshPrefix() });
      const heard = listen(bus);
      await heard.until(1);
      await bus.publish('x', CALL);
      expect(await heard.until(2)).toEqual(['connected', 'message x']);
    });
  });

  describe.each(DRIVERS)('on a cluster, with $version', (one) => {
    const redis = useRedisCluster({ masters: 3, replicasEach: 1 });

    it('carries messages from every node to every node, also after one has gone', async () => {
      const prefix = freshPrefix();
      const buses = Array.from({ length: 3 }, () =>
        open({ client: stores.keep(clusterClientOf(one, redis.cluster)), prefix }),
      );
      const heard = buses.map(listen);
      await Promise.all(heard.map((one) => one.until(1)));
      for (const [n, bus] of buses.entries()) await bus.publish(`${n}`, CALL);
      for (const one of heard) {
        expect(new Set(await one.until(4))).toEqual(
          new Set(['connected', 'message 0', 'message 1', 'message 2']),
        );
      }
      const [victim] = redis.cluster.nodes;
      await victim?.kill();
      await redis.cluster.ready();
      await expect
        .poll(() => buses[0]?.publish('again', CALL).catch(() => 'not yet'), { timeout: 20_000 })
        .toBeUndefined();
      for (const { told } of heard) {
        await expect.poll(() => told.at(-1), { timeout: 20_000 }).toBe('message again');
      }
      await victim?.restart();
      await redis.cluster.ready();
    });
  });

  describe.each(DRIVERS)('through Sentinel, with $version', (one) => {
    const redis = useRedisSentinel();

    it('follows a failover', async () => {
      const { clientOptions } = redis.sentinel;
      const client = stores.keep(
        clientOf(
          one,
          { host: '', port: 0, password: undefined },
          {
            ...clientOptions,
            retryStrategy: () => 50,
          },
        ),
      );
      const bus = open({ client, prefix: freshPrefix() });
      const heard = listen(bus);
      await heard.until(1);
      await redis.sentinel.failover();
      await bus.publish('x', CALL).catch(() => undefined);
      // What the cache does when its own heartbeat is not heard.
      bus.reconnect();
      await expect
        .poll(() => heard.told.filter((one) => one === 'connected').length, { timeout: 20_000 })
        .toBeGreaterThan(1);
      await expect
        .poll(
          async () => {
            await bus.publish('x', CALL).catch(() => undefined);
            return heard.told.at(-1);
          },
          { timeout: 20_000 },
        )
        .toBe('message x');
    });
  });
});
