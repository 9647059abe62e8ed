import { describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/index.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';
import { hear } from '../fixtures/hearing.ts';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { CALL, freshPrefix, getText, newsOn, setText, useStores } from '../fixtures/stores.ts';

const CHANNEL = 'news';

describe.skipIf(noRedis).each(DRIVERS)('entries with $version', (one) => {
  const redis = useRedis();
  const stores = useStores();

  function open(prefix = freshPrefix()): RedisStore {
    return stores.open({ client: stores.keep(clientOf(one, redis.server)), prefix });
  }

  it('lie where the README says, without an end where they have none', async () => {
    const prefix = freshPrefix();
    const store = open(prefix);
    await setText(store, 'a', 'value', 60_000);
    await setText(store, 'b', 'value');
    expect(await redis.server.command('GET', `{${prefix}:a}`)).toBe('value');
    expect(Number(await redis.server.command('PTTL', `{${prefix}:a}`))).toBeGreaterThan(50_000);
    expect(await redis.server.command('PTTL', `{${prefix}:b}`)).toBe(-1);
  });

  it('of another type count as damaged: told, removed, and absent for whoever wants to load', async () => {
    const prefix = freshPrefix();
    const store = open(prefix);
    const damaged: string[] = [];
    store.on('damaged', ({ keys }) => damaged.push(...keys));
    await setText(store, 'good', '1');
    for (const key of ['read', 'loaded']) {
      await redis.server.command('RPUSH', `{${prefix}:${key}}`, 'x');
    }
    expect(await getText(store, 'read')).toBeUndefined();
    expect(damaged).toEqual(['read']);
    expect(await getText(store, 'good')).toBe('1');
    const request = { key: 'loaded', ticket: 't', ttl: 1000, badNonce: '0011223344556677' };
    expect(await store.fencing.ticketMany([request], CALL)).toEqual([{ kind: 'mine' }]);
    expect(await redis.server.command('EXISTS', `{${prefix}:read}`, `{${prefix}:loaded}`)).toBe(0);
  });

  it('replace what is of another type, also a ticket', async () => {
    const prefix = freshPrefix();
    const store = open(prefix);
    await redis.server.command('RPUSH', `{${prefix}:a}`, 'x');
    await redis.server.command('RPUSH', `{${prefix}:a}:t`, 'x');
    await redis.server.command('RPUSH', `{${prefix}:b}:t`, 'x');
    expect(await setText(store, 'a', '1')).toBe('stored');
    expect(await getText(store, 'a')).toBe('1');
    const ticket = { key: 'b', ticket: 't', ttl: 1000 };
    expect(await store.fencing.releaseMany([ticket], CALL)).toEqual([false]);
    expect(await store.fencing.ticketMany([ticket], CALL)).toEqual([{ kind: 'mine' }]);
  });

  it('that are written before the store is closed are stored, and say so', async () => {
    const prefix = freshPrefix();
    const store = open(prefix);
    await getText(store, 'a');
    const written = setText(store, 'a', 'value');
    await store.close();
    expect(await written).toBe('stored');
    expect(await redis.server.command('GET', `{${prefix}:a}`)).toBe('value');
  });

  it('are found among any number of keys of others, a page for each step of the scan', async () => {
    const prefix = freshPrefix();
    const store = open(prefix);
    await setText(store, 'a', 'value');
    const others = Array.from({ length: 5000 }, (_, n) => [`${prefix} ${n}`, 'x']).flat();
    await redis.server.command('MSET', ...others);
    const pages: (readonly string[])[] = [];
    for await (const page of store.keys('', CALL)) pages.push(page);
    expect(pages.flat()).toEqual(['a']);
    // What a step looks at is up to Redis, and is about a thousand keys.
    expect(pages.length).toBeGreaterThan(3);
    await store.clear(CALL);
    expect(await getText(store, 'a')).toBeUndefined();
    expect(await redis.server.command('EXISTS', `${prefix} 0`)).toBe(1);
  });

  it('of more than fits into one command are written, read and deleted whole', async () => {
    const store = open();
    const keys = Array.from({ length: 1700 }, (_, n) => `key ${n}`);
    const large = Array.from({ length: 5 }, (_, n) => `large ${n}`);
    const bytes = (key: string): Buffer =>
      key.startsWith('large') ? Buffer.alloc(3_000_000, key) : Buffer.from(key);
    const all = [...keys, ...large];
    const results = await store.setMany(
      all.map((key) => ({ key, bytes: bytes(key), ttl: Infinity })),
      CALL,
    );
    expect(new Set(results)).toEqual(new Set(['stored']));
    const entries = await store.getMany(all, CALL);
    expect(all.every((key, n) => bytes(key).equals(entries[n]?.bytes ?? Buffer.of()))).toBe(true);
    expect(await store.deleteMany(all, CALL)).toBe(all.length);
  });

  it('written by calls of one turn take effect in their order, and before what is called next', async () => {
    const store = open();
    await setText(store, 'warm', '1');
    const calls = Array.from({ length: 50 }, (_, n) => setText(store, 'a', `${n}`));
    const read = getText(store, 'a');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['stored']));
    expect(await read).toBe('49');
  });

  describe('news', () => {
    const call = { ...CALL, news: newsOn(CHANNEL) };
    const write = (key: string) => ({ key, bytes: Buffer.from('new'), ttl: Infinity });

    it('of a write can be acted upon at once: who reads then sees it', async () => {
      const prefix = freshPrefix();
      const store = open(prefix);
      await setText(store, 'a', 'old');
      await setText(store, 'b', 'old');
      const reads: Promise<unknown>[] = [];
      const other = stores.keep(clientOf(one, redis.server));
      await other.connect();
      const names = ['a', 'b'].map((key) => `{${prefix}:${key}}`);
      await using hearing = await hear(redis.server, CHANNEL, () => {
        reads.push(...names.map((name) => other.call('get', name)));
      });
      await store.setMany([write('a')], call);
      await hearing.heard(1);
      expect(await Promise.all(reads.splice(0))).toEqual(['new', 'old']);
      await store.deleteMany(['b'], call);
      await hearing.heard(2);
      expect(await Promise.all(reads)).toEqual(['new', null]);
    });

    it('of a set and a delete name the keys once, also of one that was absent', async () => {
      const store = open();
      const news = newsOn('once');
      await using hearing = await hear(redis.server, 'once');
      await store.setMany([write('a'), write('b')], { ...CALL, news });
      await store.deleteMany(['absent'], { ...CALL, news });
      await store.touchMany(['a'], 1000, { ...CALL, news });
      await store.getMany(['a'], { ...CALL, news });
      expect(await hearing.all()).toEqual(['drop 1 ["a","b"]', 'drop 2 ["absent"]']);
    });
  });
});
