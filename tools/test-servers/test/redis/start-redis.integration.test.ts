import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { startRedis, type RedisServer, type StartRedisOptions } from '../../src/index.ts';
import { processesIn, runFolders, statesIn } from '../fixtures/processes.ts';
import { redisMissing } from '../fixtures/redis.ts';

const started: RedisServer[] = [];
const clients: Redis[] = [];
// No address from outside: these are tests of starting a server.
const start = async (options: StartRedisOptions = {}): Promise<RedisServer> => {
  const server = await startRedis({ env: {}, ...options });
  started.push(server);
  return server;
};
const connect = (url: string): Redis => {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

describe.skipIf(redisMissing)('a Redis server', () => {
  test('answers when the start resolves, on loopback and with a password only', async () => {
    const server = await start();
    expect(await server.command('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    expect(await server.command('INFO', 'server')).toMatch(/^redis_version:[7-9]/m);
    expect(server.process).toMatchObject({ running: true, frozen: false });
    const open = new Redis(server.port, server.host, { retryStrategy: () => null });
    clients.push(open);
    open.on('error', () => undefined);
    await expect(open.get('x')).rejects.toThrow(/NOAUTH/);
  });

  test('tells its password to nobody: not in its arguments, and in a file that only we may read', async () => {
    const server = await start();
    const { pid = 0, folder = '' } = server.process ?? {};
    expect(server.password).toMatch(/^[\w-]{24}$/);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(server.password);
    expect(statSync(join(folder, 'home/redis.conf')).mode & 0o077).toBe(0);
  });

  test('stop leaves no process and no folder, and may be called twice', async () => {
    const server = await start();
    const folder = server.process?.folder ?? '';
    expect(processesIn(folder)).not.toEqual([]);
    await Promise.all([server.stop(), server.stop()]);
    expect(processesIn(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    await expect(server.command('PING')).rejects.toThrow(/ECONNREFUSED/);
    await expect(server.restart()).rejects.toThrow(
      expect.objectContaining({ code: 'PERF_CLOSED' }),
    );
  });

  test('kill breaks connections; restart brings the address and all that was acknowledged back', async () => {
    const server = await start();
    const client = connect(server.url);
    await client.set('kept', '7');
    const { url } = server;
    const pid = server.process?.pid;
    const lost = new Promise<void>((resolve) => {
      client.once('close', resolve);
    });
    await server.kill();
    await lost;
    expect(server.process?.running).toBe(false);
    expect(processesIn(server.process?.folder ?? '')).toEqual([]);
    await expect(server.command('PING')).rejects.toThrow(/ECONNREFUSED/);
    await server.kill();
    await server.restart();
    expect(server.url).toBe(url);
    expect(server.process?.pid).not.toBe(pid);
    expect(await client.get('kept')).toBe('7');
  });

  test('restart without its data comes back empty', async () => {
    const server = await start();
    await server.command('SET', 'gone', '7');
    await server.restart({ keepData: false });
    expect(await server.command('DBSIZE')).toBe(0);
    await server.command('SET', 'kept', '8');
    await server.restart();
    expect(await server.command('GET', 'kept')).toBe('8');
  });

  test.each([
    ['an append-only file', {}],
    ['RDB files', { appendonly: 'no', save: '900 1' }],
  ])('restart with an older snapshot forgets what came later, with %s', async (_name, config) => {
    const server = await start({ config });
    await server.command('SET', 'a', 'old');
    const snapshot = await server.saveSnapshot();
    await server.command('SET', 'a', 'new');
    await server.command('SET', 'b', 'new');
    const later = await server.saveSnapshot();
    await server.kill();
    await server.restart({ snapshot });
    expect(await server.command('MGET', 'a', 'b')).toEqual(['old', null]);
    await server.command('SET', 'c', 'newest');
    await server.restart();
    expect(await server.command('MGET', 'a', 'b', 'c')).toEqual(['old', null, 'newest']);
    await server.restart({ snapshot: later });
    expect(await server.command('MGET', 'a', 'b', 'c')).toEqual(['new', 'new', null]);
  });

  test('without persistence nothing survives a kill', async () => {
    const server = await start({ config: { appendonly: 'no' } });
    await server.command('SET', 'a', '1');
    await server.kill();
    await server.restart();
    expect(await server.command('DBSIZE')).toBe(0);
  });

  test('operations take effect in the order of the calls', async () => {
    const server = await start();
    await server.command('SET', 'a', '1');
    const killed = server.kill();
    const restarted = server.restart();
    const snapshot = server.saveSnapshot();
    await Promise.all([killed, restarted]);
    await server.command('SET', 'a', '2');
    await server.restart({ snapshot: await snapshot });
    expect(await server.command('GET', 'a')).toBe('1');
  });

  test('a snapshot of another server is refused', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const snapshot = await one.saveSnapshot();
    await expect(two.restart({ snapshot })).rejects.toThrow(/one that this server has saved/);
    await expect(one.restart({ snapshot, keepData: true })).rejects.toThrow(/keepData/);
    expect(await two.command('PING')).toBe('PONG');
  });

  test('frozen it answers nobody, old connection or new, and everyone after the thaw', async () => {
    const server = await start();
    const client = connect(server.url);
    await client.ping();
    await server.freeze();
    expect(server.process).toMatchObject({ running: true, frozen: true });
    expect(statesIn(server.process?.folder ?? '')).toEqual(['T']);
    const answer = client.set('a', '1');
    const late = server.command('ECHO', 'two');
    await server.thaw();
    expect(await answer).toBe('OK');
    expect(await late).toBe('two');
  });

  test('frozen it can be stopped', async () => {
    const server = await start();
    const folder = server.process?.folder ?? '';
    await server.freeze();
    await server.stop();
    expect(processesIn(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test('settings reach the server, several of a kind and those with arguments too', async () => {
    const server = await start({
      config: {
        maxmemory: '10mb',
        'maxmemory-policy': 'allkeys-lru',
        save: ['900 1', '60 100'],
        'rename-command': ['FLUSHALL ""', 'FLUSHDB ""'],
        user: 'reader on >secret ~* +get',
        requirepass: String.raw`it's "a" \ pass word`,
      },
    });
    expect(server.password).toBe(String.raw`it's "a" \ pass word`);
    expect(await server.command('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '10485760']);
    expect(await server.command('CONFIG', 'GET', 'save')).toEqual(['save', '900 1 60 100']);
    await expect(server.command('FLUSHALL')).rejects.toThrow(/unknown command/);
    const reader = new Redis(`redis://reader:secret@${server.host}:${server.port}`, {
      enableReadyCheck: false, // It asks for INFO, which this user may not.
    });
    clients.push(reader);
    expect(await reader.get('x')).toBe(null);
    await expect(reader.set('x', '1')).rejects.toThrow(/NOPERM/);
  });

  test('an empty requirepass means no password', async () => {
    const server = await start({ config: { requirepass: '' } });
    expect(server).toMatchObject({ password: undefined, url: `redis://127.0.0.1:${server.port}` });
    expect(await server.command('PING')).toBe('PONG');
  });

  test('replies come as they are: lists, numbers, null; and the server’s errors', async () => {
    const server = await start();
    const reply = await server.command('EVAL', 'return {1, "two", {false}}', 0);
    expect(reply).toEqual([1, 'two', [null]]);
    await expect(server.command('GET')).rejects.toThrow(/wrong number of arguments/);
  });

  test('two servers run side by side, each with its own port, folder and data', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.port).not.toBe(two.port);
    await one.command('SET', 'only-here', '1');
    expect(await two.command('GET', 'only-here')).toBe(null);
    await one.stop();
    expect(await two.command('PING')).toBe('PONG');
  });

  test('one that cannot start fails with the end of its log and leaves nothing', async () => {
    const before = runFolders('redis');
    await expect(start({ config: { maxmemory: 'potato' } })).rejects.toThrow(
      /before it was ready[^]*maxmemory potato/,
    );
    expect(runFolders('redis')).toEqual(before);
  });

  test('an address from the environment comes first; the server there is used as it is, without signals', async () => {
    const existing = await start();
    const server = await start({ env: { PERF_REDIS_URL: existing.url } });
    const { url, port, host, password } = existing;
    expect(server).toMatchObject({ origin: 'environment', url, port, host, password });
    expect(server.process).toBe(undefined);
    await server.command('SET', 'a', '1');
    expect(await existing.command('GET', 'a')).toBe('1');
    for (const operation of ['kill', 'freeze', 'thaw', 'restart', 'saveSnapshot'] as const) {
      await expect(server[operation]()).rejects.toThrow(
        /was given by PERF_REDIS_URL and was not started here/,
      );
    }
    await server.stop();
    expect(await existing.command('GET', 'a')).toBe('1');
  });
});

test('an address that is malformed or answers nobody is refused, and its password not shown', async () => {
  await expect(start({ env: { PERF_REDIS_URL: 'http://me:secret@x/' } })).rejects.toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
  await expect(start({ env: { PERF_REDIS_URL: 'redis://me:secret@127.0.0.1:1' } })).rejects.toThrow(
    /PERF_REDIS_URL cannot be used: .*ECONNREFUSED/,
  );
});

test('an option that does not exist is refused', async () => {
  await expect(start({ port: 1 } as StartRedisOptions)).rejects.toThrow(/startRedis\.port/);
});
