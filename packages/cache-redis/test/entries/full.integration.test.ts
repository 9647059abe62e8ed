import { beforeAll, describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/index.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';
import { hear } from '../fixtures/hearing.ts';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { CALL, freshPrefix, getText, newsOn, setText, useStores } from '../fixtures/stores.ts';

const MEGABYTE = 2 ** 20;

describe.skipIf(noRedis).each(DRIVERS)('a Redis without room, with $version', (one) => {
  const redis = useRedis({ config: { appendonly: 'no' } });
  const stores = useStores();
  const prefix = freshPrefix();

  function open(): RedisStore {
    return stores.open({ client: stores.keep(clientOf(one, redis.server)), prefix });
  }
  const fill = (key: string, ticket: string) => ({
    key,
    ticket,
    bytes: Buffer.from('new'),
    ttl: Infinity,
  });

  beforeAll(async () => {
    if (noRedis) return;
    const client = clientOf(one, redis.server);
    const store = stores.open({ client, prefix });
    for (const key of ['kept', 'written', 'deleted', 'begun', 'settled']) {
      await setText(store, key, 'old');
    }
    for (const key of ['filled', 'written']) {
      await store.fencing.ticketMany([{ key, ticket: 't', ttl: 600_000 }], CALL);
    }
    await store.fencing.begin('settled', 'w', 600_000, CALL);
    await store.fencing.bump([{ kind: 'tag', name: 'before' }], 0, CALL);
    await redis.server.command('SET', 'ballast', Buffer.alloc(4 * MEGABYTE));
    await redis.server.command('CONFIG', 'SET', 'maxmemory', MEGABYTE);
    client.disconnect();
  });

  it('refuses what is set, tells it, and ends the ticket; the former value is there or not', async () => {
    const store = open();
    const full: unknown[] = [];
    store.on('full', (event) => full.push(event));
    expect(await setText(store, 'written', 'new')).toBe('refused');
    expect(['old', undefined]).toContain(await getText(store, 'written'));
    expect(full).toEqual([{ operation: 'setMany', entries: 1 }]);
  });

  it('refuses a fill, whose ticket still stands', async () => {
    const store = open();
    expect(await store.fencing.fillMany([fill('filled', 't')], CALL)).toEqual(['refused']);
    expect(await getText(store, 'filled')).toBeUndefined();
    expect(await store.fencing.renewMany([{ key: 'filled', ticket: 't' }], 60_000, CALL)).toEqual([
      true,
    ]);
  });

  it('still reads', async () => {
    expect(await getText(open(), 'kept')).toBe('old');
  });

  it('lets load without a ticket, whose fill is refused', async () => {
    const store = open();
    const request = { key: 'absent', ticket: 't', ttl: 1000 };
    expect(await store.fencing.ticketMany([request], CALL)).toEqual([{ kind: 'mine' }]);
    expect(await store.fencing.fillMany([fill('absent', 't')], CALL)).toEqual(['refused']);
    expect(await store.fencing.releaseMany([request], CALL)).toEqual([false]);
  });

  it('refuses no invalidation: deletes, begins, settlements and bumps take effect', async () => {
    const store = open();
    expect(await store.deleteMany(['deleted'], CALL)).toBe(1);
    await store.fencing.begin('begun', 'w', 60_000, CALL);
    expect(await getText(store, 'begun')).toBeUndefined();
    expect(await store.fencing.settle(fill('settled', 'w'), CALL)).toBe('refused');
    expect(await getText(store, 'settled')).toBeUndefined();
    const { id, prev, seq } = await store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    expect(seq).toBeGreaterThan(prev);
    expect(await store.fencing.delta({ seq: prev, drop: 0 }, CALL)).toMatchObject({
      id,
      facts: [{ kind: 'tag', name: 'x', seq }],
    });
  });

  it('publishes the number of a drop that was asked for, so that nobody looks for it', async () => {
    const store = open();
    await using hearing = await hear(redis.server, 'full');
    const write = { key: 'written', bytes: Buffer.from('new'), ttl: Infinity };
    const results = await store.setMany([write], { ...CALL, news: newsOn('full') });
    expect(results).toEqual(['refused']);
    expect(await hearing.all()).toEqual(['drop 1 ["written"]']);
  });
});
