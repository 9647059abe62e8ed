import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startProxy, startRedis, type FaultProxy, type RedisServer } from '../../src/index.ts';
import { redisMissing } from '../fixtures/redis.ts';

describe.skipIf(redisMissing)('Redis through a proxy', () => {
  let server: RedisServer;
  let proxy: FaultProxy;
  let clients: Redis[];

  beforeEach(async () => {
    clients = [];
    server = await startRedis({ env: {} });
    proxy = await startProxy({ target: server });
  });
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await proxy.close();
    await server.stop();
  });

  const connect = async (): Promise<Redis> => {
    const client = new Redis(proxy.url ?? '', {
      lazyConnect: true,
      retryStrategy: () => 10,
      maxRetriesPerRequest: 0,
      disconnectTimeout: 10, // How long it waits for the other side's end.
    });
    client.on('error', () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };

  test('a SET whose client has given up lands late', async () => {
    const client = await connect();
    proxy.hold('toServer');
    const answer = client.set('a', 'late');
    await vi.waitFor(
      () => {
        expect(proxy.connections()[0]?.buffered('toServer')).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    client.disconnect();
    await expect(answer).rejects.toThrow(/closed/);
    await server.command('SET', 'a', 'newer');
    proxy.release();
    await vi.waitFor(
      async () => {
        expect(await server.command('GET', 'a')).toBe('late');
      },
      { timeout: 10_000 },
    );
  });

  test('a SET that is held does not land after the server has killed its connection', async () => {
    const client = await connect();
    const id = await client.client('ID');
    proxy.hold('toServer');
    const answer = client.set('a', 'late').catch((error: unknown) => error);
    await vi.waitFor(
      () => {
        expect(proxy.connections()[0]?.buffered('toServer')).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    expect(await server.command('CLIENT', 'KILL', 'ID', id)).toBe(1);
    expect(await answer).toBeInstanceOf(Error);
    proxy.release();
    const again = await connect();
    expect(await again.get('a')).toBe(null);
  });

  test('the bus alone is cut, and comes back by itself', async () => {
    const commands = await connect();
    const bus = await connect();
    await bus.subscribe('news');
    const lost = vi.fn<() => void>();
    commands.on('close', lost);
    const resubscribed = new Promise((resolve) => {
      bus.once('ready', resolve);
    });
    for (const connection of proxy.connections((one) => one.sent('subscribe'))) connection.cut();
    await resubscribed;
    await vi.waitFor(
      async () => {
        expect(await commands.publish('news', 'x')).toBe(1);
      },
      { timeout: 10_000 },
    );
    expect(lost).not.toHaveBeenCalled();
    expect(proxy.accepted).toBe(3);
  });

  test('a client in a black hole hears nothing and no end, and works again after it', async () => {
    const client = await connect();
    const closed = vi.fn<() => void>();
    client.on('close', closed);
    proxy.blackHole();
    const answer = client.incr('n').catch((error: unknown) => error);
    await server.freeze();
    await server.thaw();
    expect(await server.command('GET', 'n')).toBe(null);
    expect(closed).not.toHaveBeenCalled();
    await proxy.resume();
    expect(await answer).toBeInstanceOf(Error);
    await vi.waitFor(
      async () => {
        expect(await client.incr('n')).toBe(1);
      },
      { timeout: 10_000 },
    );
  });

  test('a reply that is held leaves the command done and its client waiting', async () => {
    const client = await connect();
    proxy.hold('toClient');
    const answer = client.set('a', '1');
    await vi.waitFor(
      () => {
        expect(proxy.connections()[0]?.buffered('toClient')).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    expect(await server.command('GET', 'a')).toBe('1');
    proxy.release('toClient');
    expect(await answer).toBe('OK');
  });

  test('replies that are delayed keep their order', async () => {
    const client = await connect();
    proxy.delay(30, 'toClient');
    const first = client.incr('n');
    const second = client.incr('n');
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  test('a server that is down refuses through the proxy too, and is reached again after its restart', async () => {
    const client = await connect();
    await server.kill();
    await expect(client.get('a')).rejects.toThrow(/closed|retries/);
    await server.restart();
    await vi.waitFor(
      async () => {
        expect(await client.set('a', '1')).toBe('OK');
      },
      { timeout: 10_000 },
    );
  });
});
