import { Cluster } from 'ioredis';
import { Cluster as Cluster6 } from 'ioredis-6';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  startProxy,
  startRedisCluster,
  type RedisCluster,
  type RedisServer,
  type StartRedisClusterOptions,
} from '../../src/index.ts';
import { processesIn, runFolders } from '../fixtures/processes.ts';
import { redisMissing } from '../fixtures/redis.ts';

describe.skipIf(redisMissing)('Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(async () => {
    await cluster.stop();
  });

  test('forms: every node knows all and serves, three masters with a replica each', async () => {
    expect(cluster.nodes).toHaveLength(6);
    for (const node of cluster.nodes) {
      const info = String(await node.command('CLUSTER', 'INFO'));
      expect(info).toContain('cluster_state:ok');
      expect(info).toContain('cluster_known_nodes:6');
    }
    expect(await cluster.masters()).toEqual(cluster.nodes.slice(0, 3));
    for (const [index, master] of cluster.nodes.slice(0, 3).entries()) {
      expect(await cluster.replicasOf(master)).toEqual([cluster.nodes[index + 3]]);
    }
  });

  test('a slot is moved step by step: ASK for what has left, then MOVED', async () => {
    const slot = await cluster.slotOf('{moving}');
    const from = await cluster.masterOf('{moving}');
    expect(await cluster.masterOf(slot)).toBe(from);
    const [to] = (await cluster.masters()).filter((master) => master !== from) as [RedisServer];
    for (const key of ['a', 'b', 'c']) await from.command('SET', `{moving}${key}`, key);
    const move = await cluster.startSlotMove('{moving}', to);
    expect(move).toMatchObject({ slot, from, to });
    expect(await from.command('GET', '{moving}a')).toBe('a');
    const ask = `ASK ${slot} 127.0.0.1:${to.port}`;
    await expect(from.command('GET', '{moving}new')).rejects.toThrow(ask);
    expect(await move.moveKeys(2)).toBe(2);
    expect(await from.command('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(1);
    expect(await to.command('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(2);
    const moved = `MOVED ${slot} 127.0.0.1:`;
    await expect(to.command('GET', '{moving}a')).rejects.toThrow(`${moved}${from.port}`);
    await move.finish();
    await cluster.ready();
    expect(await to.command('MGET', '{moving}a', '{moving}b', '{moving}c')).toEqual([
      'a',
      'b',
      'c',
    ]);
    for (const node of (await cluster.masters()).filter((master) => master !== to)) {
      await expect(node.command('GET', '{moving}a')).rejects.toThrow(`${moved}${to.port}`);
    }
    expect(await cluster.masterOf('{moving}')).toBe(to);
  });

  test('a slot is not moved to where it is, or to a replica', async () => {
    const master = await cluster.masterOf('x');
    const [replica] = (await cluster.replicasOf(master)) as [RedisServer];
    for (const to of [master, replica]) {
      await expect(cluster.startSlotMove('x', to)).rejects.toThrow(/another master/);
    }
    await expect(cluster.startSlotMove(16_384, master)).rejects.toThrow(/slot/);
  });

  test('a replica takes over when asked, and loses nothing', async () => {
    const master = await cluster.masterOf('kept');
    const [replica] = (await cluster.replicasOf(master)) as [RedisServer];
    await master.command('SET', 'kept', '1');
    await cluster.failover(replica);
    expect(await cluster.masterOf('kept')).toBe(replica);
    expect(await cluster.replicasOf(replica)).toEqual([master]);
    expect(await replica.command('GET', 'kept')).toBe('1');
  });

  test('the replica of a killed master is elected; restarted, that one comes back as its replica', async () => {
    const master = await cluster.masterOf('elected');
    const [replica] = (await cluster.replicasOf(master)) as [RedisServer];
    await master.kill();
    await cluster.ready();
    expect(await cluster.masterOf('elected')).toBe(replica);
    await master.restart({ keepData: false });
    await cluster.ready();
    expect(await cluster.replicasOf(replica)).toEqual([master]);
  });

  test('a frozen master is voted out as well', async () => {
    const master = await cluster.masterOf('frozen');
    const [replica] = (await cluster.replicasOf(master)) as [RedisServer];
    await master.freeze();
    await cluster.ready();
    expect(await cluster.masterOf('frozen')).toBe(replica);
    await master.thaw();
    await cluster.ready();
    expect(await cluster.replicasOf(replica)).toEqual([master]);
  });

  test('what is missing is told when it does not become ready', async () => {
    const alone = cluster.nodes[0] as RedisServer;
    const rest = cluster.nodes.slice(1);
    await Promise.all(rest.map((node) => node.freeze()));
    await expect(cluster.ready(100)).rejects.toThrow(
      /ready not within 100 ms: node \d+ leaves slots to node \d+, which is down/,
    );
    await Promise.all(rest.map((node) => node.thaw()));
    await cluster.ready();
    expect(await alone.command('CLUSTER', 'INFO')).toContain('cluster_state:ok');
  });

  for (const [version, Client] of [
    ['5', Cluster],
    ['6', Cluster6],
  ] as const) {
    test(`ioredis ${version} goes through a proxy for each node, and one node alone is cut off`, async () => {
      const proxies = await Promise.all(cluster.nodes.map((target) => startProxy({ target })));
      const natMap = Object.fromEntries(
        cluster.nodes.map(({ host, port }, index) => [
          `${host}:${port}`,
          { host: proxies[index]?.host ?? '', port: proxies[index]?.port ?? 0 },
        ]),
      );
      const client = new Client(
        proxies.map(({ host, port }) => ({ host, port })),
        {
          natMap,
          redisOptions: { password: cluster.password ?? '', maxRetriesPerRequest: 0 },
          clusterRetryStrategy: () => 20,
          retryDelayOnFailover: 20,
          maxRedirections: 1,
        },
      );
      client.on('error', () => undefined);
      const [first, second] = await cluster.masters();
      const keyOf = async (master: RedisServer | undefined): Promise<string> => {
        for (let number = 0; ; number++) {
          if ((await cluster.masterOf(`k${number}`)) === master) return `k${number}`;
        }
      };
      const [near, far] = [await keyOf(first), await keyOf(second)];
      const proxyOf = proxies[cluster.nodes.indexOf(second as RedisServer)];
      try {
        await Promise.all([client.set(near, '1'), client.set(far, '1')]);
        expect(proxyOf?.accepted).toBeGreaterThan(0);
        await proxyOf?.cut({ refuse: true });
        expect(await client.get(near)).toBe('1');
        await expect(client.get(far)).rejects.toThrow(/./);
        await proxyOf?.resume();
        await vi.waitFor(
          async () => {
            expect(await client.get(far)).toBe('1');
          },
          { timeout: 10_000, interval: 20 },
        );
      } finally {
        client.disconnect();
        await Promise.all(proxies.map((proxy) => proxy.close()));
      }
    });
  }
});

test.skipIf(redisMissing)(
  'stop leaves no process, and one that cannot start leaves nothing',
  async () => {
    const before = runFolders('redis');
    const small = await startRedisCluster({ masters: 1, replicasEach: 0 });
    const folder = small.nodes[0]?.process?.folder ?? '';
    expect(await small.masters()).toEqual(small.nodes);
    await Promise.all([small.stop(), small.stop()]);
    expect(processesIn(folder)).toEqual([]);
    await expect(startRedisCluster({ config: { maxmemory: 'potato' } })).rejects.toThrow(/potato/);
    expect(runFolders('redis')).toEqual(before);
  },
);

test('an option that does not exist or cannot be is refused', async () => {
  await expect(startRedisCluster({ nodes: 6 } as StartRedisClusterOptions)).rejects.toThrow(
    /startRedisCluster\.nodes/,
  );
  await expect(startRedisCluster({ masters: 0 })).rejects.toThrow(/masters/);
});
