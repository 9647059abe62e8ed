import { Redis } from 'ioredis';
import { Redis as Redis6 } from 'ioredis-6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startProxy,
  startRedisSentinel,
  type RedisSentinel,
  type RedisServer,
  type StartRedisSentinelOptions,
} from '../../src/index.ts';
import { processesIn, runFolders } from '../fixtures/processes.ts';
import { redisMissing } from '../fixtures/redis.ts';

const CLIENT = {
  sentinelRetryStrategy: () => 20,
  retryStrategy: () => 20,
  maxRetriesPerRequest: null,
};

describe.skipIf(redisMissing)('Redis Sentinel', () => {
  let group: RedisSentinel;
  beforeAll(async () => {
    group = await startRedisSentinel({ replicas: 2 });
  });
  afterAll(async () => {
    await group.stop();
  });

  test('when it resolves, all sentinels know the primary, its replicas and each other', async () => {
    expect([group.nodes.length, group.sentinels.length]).toEqual([3, 3]);
    expect(await group.primary()).toBe(group.nodes[0]);
    expect(await group.waitForPrimary()).toBe(group.nodes[0]);
    for (const sentinel of group.sentinels) {
      expect(await sentinel.command('SENTINEL', 'REPLICAS', group.name)).toHaveLength(2);
      expect(await sentinel.command('SENTINEL', 'SENTINELS', group.name)).toHaveLength(2);
      expect(await sentinel.command('SENTINEL', 'CKQUORUM', group.name)).toMatch(/^OK 3 usable/);
    }
  });

  test('ioredis goes through proxies to the servers that sentinels name', async () => {
    const proxies = await Promise.all(group.nodes.map((target) => startProxy({ target })));
    const natMap = Object.fromEntries(
      group.nodes.map(({ host, port }, index) => [
        `${host}:${port}`,
        { host: proxies[index]?.host ?? '', port: proxies[index]?.port ?? 0 },
      ]),
    );
    const client = new Redis({ ...CLIENT, ...group.clientOptions, natMap });
    client.on('error', () => undefined);
    await client.set('a', '1');
    expect(proxies.map(({ accepted }) => accepted)).toEqual([1, 0, 0]);
    await proxies[0]?.cut();
    expect(await client.get('a')).toBe('1');
    client.disconnect();
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });

  test('a killed primary is replaced, ioredis 5 and 6 follow, and it returns as a replica', async () => {
    const five = new Redis({ ...CLIENT, ...group.clientOptions });
    const six = new Redis6({ ...CLIENT, ...group.clientOptions });
    for (const client of [five, six]) client.on('error', () => undefined);
    await Promise.all([five.set('five', '1'), six.set('six', '1')]);
    const before = await group.primary();
    await before.command('WAIT', 2, 5000);
    await before.kill();
    await group.waitForPrimary({ not: before });
    expect(await five.get('six')).toBe('1');
    expect(await six.get('five')).toBe('1');
    await before.restart();
    await group.ready();
    const { port } = await group.primary();
    expect(await before.command('INFO', 'replication')).toContain(`master_port:${port}`);
    five.disconnect();
    six.disconnect();
  });

  test('a failover on demand', async () => {
    const before = await group.primary();
    expect(await group.failover()).not.toBe(before);
    await group.waitForPrimary({ not: before });
  });
});

describe.skipIf(redisMissing)('a small Redis Sentinel', () => {
  let group: RedisSentinel;
  beforeAll(async () => {
    group = await startRedisSentinel({ downAfter: 500 });
  });
  afterAll(async () => {
    await group.stop();
  });

  test('without a majority of sentinels nobody is elected, and what is missing is told', async () => {
    const [primary] = group.nodes as [RedisServer];
    const majority = group.sentinels.slice(1);
    await Promise.all(majority.map((sentinel) => sentinel.kill()));
    await primary.freeze();
    await expect(group.waitForPrimary({ not: primary, timeout: 800 })).rejects.toThrow(
      `not within 800 ms: they still name ${primary.port}`,
    );
    await expect(group.ready(800)).rejects.toThrow('the group was complete not within 800 ms');
    await primary.thaw();
    expect(await group.waitForPrimary()).toBe(primary);
    await Promise.all(majority.map((sentinel) => sentinel.restart()));
    await group.ready();
    expect(await majority[0]?.command('SENTINEL', 'CKQUORUM', group.name)).toMatch(/^OK/);
  });

  test('what only the killed primary had acknowledged is lost by the failover', async () => {
    const [primary, replica] = group.nodes as [RedisServer, RedisServer];
    await primary.command('SET', 'kept', '1');
    await primary.command('WAIT', 1, 5000);
    // Not frozen: what the primary sends would then wait in the connection.
    await replica.kill();
    await primary.command('SET', 'lost', '1');
    await primary.kill();
    await replica.restart();
    expect(await group.waitForPrimary({ not: primary })).toBe(replica);
    expect(await replica.command('MGET', 'kept', 'lost')).toEqual(['1', null]);
  });

  test('stop leaves no process, and one that cannot start leaves nothing', async () => {
    const folders = [...group.nodes, ...group.sentinels].map((one) => one.process?.folder ?? '');
    expect(runFolders('redis')).toHaveLength(folders.length);
    await Promise.all([group.stop(), group.stop()]);
    expect(folders.flatMap(processesIn)).toEqual([]);
    await expect(startRedisSentinel({ config: { maxmemory: 'potato' } })).rejects.toThrow(/potato/);
    expect(runFolders('redis')).toEqual([]);
  });
});

test('an option that does not exist or cannot be is refused', async () => {
  await expect(startRedisSentinel({ nodes: 6 } as StartRedisSentinelOptions)).rejects.toThrow(
    /startRedisSentinel\.nodes/,
  );
  await expect(startRedisSentinel({ downAfter: 1 })).rejects.toThrow(/downAfter/);
});
