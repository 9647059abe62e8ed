import { describe, expect, it, vi } from 'vitest';
import type { RedisConnection, RedisStore } from '../src/index.ts';
import { KeySpace } from '../src/keys/key-space.ts';
import { clusterClientOf, DRIVERS } from './fixtures/drivers.ts';
import { hear } from './fixtures/hearing.ts';
import { noRedis, useRedisCluster } from './fixtures/redis.ts';
import { CALL, freshPrefix, getText, newsOn, setText, useStores } from './fixtures/stores.ts';

const PATIENCE = { timeout: 20_000 };

describe.skipIf(noRedis)('redisStore on a cluster', () => {
  const redis = useRedisCluster({ masters: 3, replicasEach: 1 });
  const stores = useStores();

  it('has a value and its ticket on one slot, whatever the key', async () => {
    const space = new KeySpace('users:x');
    for (const key of [
      'a',
      '',
      '}',
      '{}',
      '{a}',
      'a}b{c}',
      '}:t',
      '\n\0*',
      '👩',
      'x'.repeat(5000),
    ]) {
      expect(await redis.cluster.slotOf(space.ticketOf(key)), key).toBe(
        await redis.cluster.slotOf(space.valueOf(key)),
      );
    }
  });

  describe.each(DRIVERS)('with $version', (one) => {
    function open(prefix = freshPrefix()): RedisStore {
      return stores.open({ client: stores.keep(clusterClientOf(one, redis.cluster)), prefix });
    }
    const ticket = (key: string) => ({ key, ticket: 't', ttl: 60_000 });
    const fill = (key: string) => ({ ...ticket(key), bytes: Buffer.from('new'), ttl: Infinity });
    const keys = Array.from({ length: 60 }, (_, n) => `key ${n}`);

    it('reads on while a slot moves, applies nothing by half, and goes on when it has moved', async () => {
      const prefix = freshPrefix();
      const client = stores.keep(clusterClientOf(one, redis.cluster));
      const store = stores.open({ client, prefix });
      const space = new KeySpace(prefix);
      await setText(store, 'a', '0');
      const slot = await redis.cluster.slotOf(space.valueOf('a'));
      const from = await redis.cluster.masterOf(slot);
      const to = (await redis.cluster.masters()).find((node) => node.port !== from.port);
      if (to === undefined) throw new Error('one master only');
      const move = await redis.cluster.startSlotMove(slot, to);
      const sent = vi.spyOn(client, 'callBuffer');
      // Redis runs no script on keys that may lie on both sides.
      for (const step of [() => Promise.resolve(0), () => move.moveKeys()]) {
        await step();
        expect(await getText(store, 'a')).toBe('0');
        const deadline = new AbortController();
        sent.mockClear();
        // What it would write changes nothing: the driver may be about to ask another node.
        const entry = { key: 'a', bytes: Buffer.from('0'), ttl: Infinity };
        const writing = store.setMany([entry], { signal: deadline.signal });
        await expect.poll(() => sent.mock.calls.length, PATIENCE).toBeGreaterThan(2);
        const givenUp = new Error('given up');
        deadline.abort(givenUp);
        await expect(writing).rejects.toBe(givenUp);
        expect(await getText(store, 'a')).toBe('0');
      }
      sent.mockClear();
      const tickets = store.fencing.ticketMany([ticket('a')], CALL);
      await expect.poll(() => sent.mock.calls.length, PATIENCE).toBeGreaterThan(2);
      expect(new Set(sent.mock.calls.map(([, sha]) => sha)).size).toBe(1);
      await move.finish();
      expect(await tickets).toMatchObject([{ kind: 'value' }]);
      expect(await store.deleteMany(['a'], CALL)).toBe(1);
      expect(await store.fencing.ticketMany([ticket('a')], CALL)).toEqual([{ kind: 'mine' }]);
      expect(await store.fencing.fillMany([fill('a')], CALL)).toEqual(['stored']);
      expect(await getText(store, 'a')).toBe('new');
    });

    it('publishes for every key by itself what it writes, heard on any node', async () => {
      const channel = freshPrefix();
      const call = { ...CALL, news: newsOn(channel) };
      const store = open();
      const [node] = redis.cluster.nodes;
      if (node === undefined) throw new Error('no node');
      await using hearing = await hear(node, channel);
      const entries = ['a', 'b', 'c'].map((key) => ({ key, bytes: Buffer.of(1), ttl: Infinity }));
      await store.setMany(entries, call);
      await store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, call);
      const heard = await hearing.heard(4);
      expect(heard.filter((one) => one.startsWith('drop')).toSorted()).toEqual([
        'drop 1 ["a"]',
        'drop 2 ["b"]',
        'drop 3 ["c"]',
      ]);
    });

    it('serves the keys of other masters while one is down, and all after its failover, which is told', async () => {
      const prefix = freshPrefix();
      const store = open(prefix);
      const space = new KeySpace(prefix);
      const told: string[] = [];
      const troubles: string[] = [];
      store.watch({ onReplaced: (how) => told.push(how), onWarning: () => undefined });
      store.on('trouble', ({ operation }) => troubles.push(operation));
      for (const key of keys) await setText(store, key, 'old');
      const ledger = await redis.cluster.masterOf(space.ledger);
      const victim = (await redis.cluster.masters()).find(({ port }) => port !== ledger.port);
      if (victim === undefined) throw new Error('one master only');
      // What was acknowledged has reached the one that will take its place.
      await expect.poll(() => victim.command('WAIT', 1, 1000), PATIENCE).toBe(1);
      await victim.kill();
      const entries = await store.getMany(keys, CALL);
      const found = entries.filter((entry) => entry !== undefined).length;
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(keys.length);
      expect(troubles).toContain('getMany');
      const results = await store.setMany(
        keys.map((key) => ({ key, bytes: Buffer.from('new'), ttl: Infinity })),
        CALL,
      );
      expect(new Set(results)).toEqual(new Set(['stored', 'unknown']));
      const lost = keys.filter((_, index) => entries[index] === undefined);
      const error = await store.deleteMany(keys, CALL).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ failedKeys: lost });
      // What is to be written to the other nodes does not wait until this one can be asked.
      await expect.poll(() => store.sever(CALL), PATIENCE).toBe(false);
      await expect(store.fencing.delta({ seq: 0, drop: 0 }, CALL)).resolves.toMatchObject({
        complete: true,
      });
      await redis.cluster.ready();
      await expect
        .poll(
          () =>
            store.deleteMany(keys, CALL).then(
              () => 'done',
              () => 'not yet',
            ),
          PATIENCE,
        )
        .toBe('done');
      const after = await store.setMany(
        keys.map((key) => ({ key, bytes: Buffer.from('newer'), ttl: Infinity })),
        CALL,
      );
      expect(new Set(after)).toEqual(new Set(['stored']));
      await expect.poll(() => told, PATIENCE).toContain('failover');
      expect(await store.sever(CALL)).toBeTypeOf('boolean');
      expect((await store.health(CALL)).healthy).toBe(true);
      await victim.restart();
      await redis.cluster.ready();
    });

    it('tells nothing when the connection to a master was lost, and then finds the same one', async () => {
      const client = stores.keep(clusterClientOf(one, redis.cluster));
      const store = stores.open({ client });
      const told: string[] = [];
      store.watch({
        onReplaced: (how) => told.push(how),
        onWarning: ({ message }) => told.push(message),
      });
      for (const key of keys) await setText(store, key, 'value');
      const [master] = await redis.cluster.masters();
      const met = new Promise((resolve) => {
        // Without a command: it is looked for.
        client.on('+node', (node) => {
          (node as RedisConnection).on('ready', resolve);
        });
      });
      await master?.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await met;
      expect((await store.getMany(keys, CALL)).filter((entry) => entry !== undefined)).toHaveLength(
        keys.length,
      );
      expect((await store.health(CALL)).healthy).toBe(true);
      expect(told).toEqual([]);
    });

    it('tells a failover to a store that sends nothing, and whose connections all stand', async () => {
      const client = stores.keep(clusterClientOf(one, redis.cluster));
      const store = stores.open({ client });
      const [master] = await redis.cluster.masters();
      if (master === undefined) throw new Error('no master');
      for (const key of keys) await setText(store, key, 'value');
      // Both are known to the client.
      await Promise.all(client.nodes('all').map((node) => node.call('ping')));
      const told = new Promise((resolve) => {
        store.watch({ onReplaced: resolve, onWarning: () => undefined });
      });
      await master.kill();
      expect(await told).toBe('failover');
      await master.restart();
      await redis.cluster.ready();
    });

    it('is unhealthy while a master is frozen, and every call ends by its signal', async () => {
      const store = open();
      for (const key of keys) await setText(store, key, 'value');
      const [frozen] = await redis.cluster.masters();
      await frozen?.freeze();
      const why = new Error('time is up');
      const controller = new AbortController();
      const call = { signal: controller.signal };
      const health = store.health(call);
      const read = store.getMany(keys, call);
      controller.abort(why);
      await expect(read).rejects.toBe(why);
      expect(await health).toEqual({ healthy: false, reason: 'time is up' });
      await frozen?.thaw();
      await redis.cluster.ready();
      await expect.poll(async () => (await store.health(CALL)).healthy, PATIENCE).toBe(true);
    });

    it('ends what a lost connection to a node may still bring', async () => {
      const client = stores.keep(clusterClientOf(one, redis.cluster));
      const store = stores.open({ client });
      await setText(store, 'a', '1');
      for (const node of client.nodes('master')) node.disconnect(true);
      await expect
        .poll(() => setText(store, 'a', '2').catch(() => 'not yet'), PATIENCE)
        .toBe('stored');
      expect(await store.sever(CALL)).toBe(true);
    });

    it('scans and clears every master, and leaves the ledger', async () => {
      const prefix = freshPrefix();
      const store = open(prefix);
      for (const key of keys) await setText(store, key, 'value');
      const { id } = await store.fencing.delta({ seq: 0, drop: 0 }, CALL);
      const seen: string[] = [];
      for await (const page of store.keys('key 1', CALL)) seen.push(...page);
      expect(seen.toSorted()).toEqual(keys.filter((key) => key.startsWith('key 1')).toSorted());
      await store.clear(CALL);
      expect(await store.deleteMany(keys, CALL)).toBe(0);
      expect((await store.fencing.delta({ seq: 0, drop: 0 }, CALL)).id).toBe(id);
    });
  });
});
