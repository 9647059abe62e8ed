import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/index.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';
import { hear } from '../fixtures/hearing.ts';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { CALL, freshPrefix, getText, newsOn, setText, useStores } from '../fixtures/stores.ts';

const TTL = 60_000;

describe.skipIf(noRedis).each(DRIVERS)('fencing with $version', (one) => {
  const redis = useRedis();
  const stores = useStores();

  function open(prefix = freshPrefix()): RedisStore {
    return stores.open({ client: stores.keep(clientOf(one, redis.server)), prefix });
  }
  const ticket = (key: string, name = 't') => ({ key, ticket: name, ttl: TTL });
  const fill = (key: string, name = 't') => ({
    ...ticket(key, name),
    bytes: Buffer.from('new'),
    ttl: Infinity,
  });

  it('keeps a ticket beside its value, for its time', async () => {
    const prefix = freshPrefix();
    await open(prefix).fencing.ticketMany([ticket('a')], CALL);
    expect(await redis.server.command('GET', `{${prefix}:a}:t`)).toBe('t');
    const left = Number(await redis.server.command('PTTL', `{${prefix}:a}:t`));
    expect(left).toBeGreaterThan(TTL / 2);
    expect(left).toBeLessThanOrEqual(TTL);
  });

  it('tells that loads are over: of a fill, a release and a settlement, if one took effect', async () => {
    const channel = freshPrefix();
    const news = newsOn(channel);
    const call = { ...CALL, news };
    const { fencing } = open();
    await using hearing = await hear(redis.server, channel);
    await fencing.ticketMany(
      ['a', 'b', 'c'].map((key) => ticket(key)),
      call,
    );
    await fencing.fillMany([fill('a'), fill('b', 'other')], call);
    await fencing.fillMany([fill('a'), fill('x')], call);
    await fencing.releaseMany([ticket('b'), ticket('x')], call);
    await fencing.releaseMany([ticket('b')], call);
    await fencing.renewMany([ticket('c')], TTL, call);
    await fencing.begin('c', 'w', TTL, call);
    await fencing.settle(fill('c', 'w'), call);
    await fencing.settle(fill('c', 'w'), call);
    expect(await hearing.all()).toEqual([
      'ended ["t","other"]',
      'ended ["t","t"]',
      'drop 1 ["c"]',
      'drop 2 ["c"]',
      'ended ["w"]',
      'drop 3 ["c"]',
      'ended ["w"]',
    ]);
  });

  it('tells of a bump with its numbers, before the next one can be read', async () => {
    const channel = freshPrefix();
    const { fencing } = open();
    await using hearing = await hear(redis.server, channel);
    const members = [{ kind: 'tag', name: 'x y' } as const, { kind: 'all', name: '' } as const];
    const first = await fencing.bump(members, 0, { ...CALL, news: newsOn(channel) });
    const second = await fencing.bump(members, 0, { ...CALL, news: newsOn(channel) });
    expect(await hearing.all()).toEqual([
      `bump ${first.id} ${first.prev} ${first.seq} ["tag:x y","all:"]`,
      `bump ${second.id} ${first.seq} ${second.seq} ["tag:x y","all:"]`,
    ]);
  });

  it('says nothing and asks for no number where there is no bus', async () => {
    const { fencing } = open();
    await fencing.ticketMany([ticket('a')], CALL);
    expect(await fencing.fillMany([fill('a')], CALL)).toEqual(['stored']);
    await fencing.begin('a', 'w', TTL, CALL);
    expect(await fencing.settle(fill('a', 'w'), CALL)).toBe('stored');
  });

  it('settles what is too long by removing value and ticket', async () => {
    const prefix = freshPrefix();
    const client = stores.keep(clientOf(one, redis.server));
    const store = stores.open({ client, prefix, maxValueBytes: 2 });
    await store.fencing.begin('a', 'w', TTL, CALL);
    expect(await store.fencing.settle(fill('a', 'w'), CALL)).toBe('refused');
    const names = [`{${prefix}:a}`, `{${prefix}:a}:t`];
    expect(await redis.server.command('EXISTS', ...names)).toBe(0);
  });

  it('compares the nonce of an envelope without reading a large value', async () => {
    const store = open();
    const nonce = '00112233445566ff';
    const header = Buffer.concat([
      Buffer.from('f543010100000000', 'hex'),
      Buffer.from(nonce, 'hex'),
    ]);
    for (const bytes of [header, Buffer.concat([header, Buffer.alloc(100_000)])]) {
      await store.setMany([{ key: 'a', bytes, ttl: Infinity }], CALL);
      const bad = { ...ticket('a'), badNonce: nonce };
      expect(await store.fencing.ticketMany([bad], CALL)).toEqual([{ kind: 'mine' }]);
      const other = { ...ticket('a'), badNonce: '00112233445566fe' };
      expect((await store.fencing.ticketMany([other], CALL))[0]?.kind).toBe('value');
    }
    // Too short to have one.
    await store.setMany([{ key: 'a', bytes: header.subarray(0, 15), ttl: Infinity }], CALL);
    const bad = { ...ticket('a'), badNonce: nonce };
    expect((await store.fencing.ticketMany([bad], CALL))[0]?.kind).toBe('value');
  });

  it('goes on after the server has forgotten the scripts, also in the middle of many calls', async () => {
    const store = open();
    await setText(store, 'a', '0');
    const texts: (string | undefined)[] = [];
    const calls: Promise<unknown>[] = [];
    for (let n = 1; n <= 60; n++) {
      if (n % 20 === 0) await redis.server.command('SCRIPT', 'FLUSH');
      calls.push(setText(store, 'a', `${n}`));
      calls.push(
        getText(store, 'a').then((text) => {
          texts.push(text);
        }),
      );
      calls.push(store.fencing.ticketMany([ticket(`b${n}`)], CALL));
      calls.push(store.fencing.delta({ seq: 0, drop: 0 }, CALL));
    }
    await Promise.all(calls);
    expect(texts).toHaveLength(60);
    expect(await getText(store, 'a')).toBe('60');
    const fills = Array.from({ length: 60 }, (_, n) => fill(`b${n + 1}`));
    expect(new Set(await store.fencing.fillMany(fills, CALL))).toEqual(new Set(['stored']));
  });

  it('does not send a script whole that was given up meanwhile', async () => {
    const store = open();
    await setText(store, 'warm', '1');
    await redis.server.command('SCRIPT', 'FLUSH');
    await redis.server.freeze();
    const controller = new AbortController();
    const call = { signal: controller.signal };
    const write = (key: string) => ({ key, bytes: Buffer.of(1), ttl: Infinity });
    const given = Promise.allSettled([
      store.setMany([write('a')], call),
      store.setMany([write('b')], CALL),
      store.fencing.begin('c', 'w', TTL, call),
    ]);
    await turn();
    controller.abort(new Error('time is up'));
    await redis.server.thaw();
    expect((await given).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(await getText(store, 'a')).toBeUndefined();
    expect(await getText(store, 'b')).toBeDefined();
    expect(await store.fencing.ticketMany([ticket('c')], CALL)).toEqual([{ kind: 'mine' }]);
  });

  it('works for a user who may not load scripts by name, nor ask who the server is', async () => {
    await redis.server.command(
      ...(['ACL', 'SETUSER', 'narrow', 'on', '>pw', '~{narrow*', '&*', '+@all'] as const),
      ...(['-script', '-info', '-client', '-config'] as const),
    );
    const client = clientOf(one, redis.server, {
      username: 'narrow',
      password: 'pw',
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    const store = stores.open({ client: stores.keep(client), prefix: 'narrow' });
    expect(await setText(store, 'a', '1')).toBe('stored');
    expect(await getText(store, 'a')).toBe('1');
    expect((await store.health(CALL)).healthy).toBe(true);
    const foreign = stores.open({ client, prefix: 'other' });
    await expect(getText(foreign, 'a')).rejects.toThrow(/store "redis" failed/);
  });
});
