import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TieredCacheOptions } from '../../src/index.ts';
import { Fleet, never, POLL } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

const STALE: TieredCacheOptions<string> = { ttl: 1000, staleWhileRevalidate: 5000 };

describe('a stale value', () => {
  it('is refreshed once per fleet, however many ask in however many instances', async () => {
    const instances = [fleet.join(STALE), fleet.join(STALE), fleet.join(STALE)];
    await instances[0]?.cache.set('k', 'old');
    for (const { cache } of instances) expect(await cache.get('k')).toBe('old');
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    let loads = 0;
    const load = (): Promise<string> => {
      loads++;
      return gate.promise;
    };
    const hits = instances.flatMap(({ cache }) => [1, 2, 3].map(() => cache.getOrSet('k', load)));
    expect(new Set(await Promise.all(hits))).toEqual(new Set(['old']));
    await settle();
    expect(loads).toBe(1);
    gate.resolve('new');
    await fleet.clock.advanceAsync(200);
    for (const { cache } of instances) expect(await cache.getOrSet('k', never)).toBe('new');
    expect(loads).toBe(1);
  });

  it('is refreshed in every tier', async () => {
    const { cache } = fleet.join(STALE);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    await cache.getOrSet('k', () => 'new');
    await settle();
    expect(cache.getLocal('k')).toBe('new');
    expect(await fleet.join(STALE).cache.getResult('k')).toMatchObject({
      state: 'hit',
      value: 'new',
    });
  });

  it('gives way to a fresher one in the store without a load', async () => {
    const { cache } = fleet.join(STALE);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    await fleet.join(STALE).cache.getOrSet('k', () => 'theirs');
    await settle();
    await cache.getOrSet('k', never);
    await settle();
    expect(await cache.getOrSet('k', never)).toBe('theirs');
    expect(cache.stats().loads).toBe(0);
  });

  it('is served for as long as this instance says, not as long as it is kept', async () => {
    const { cache } = fleet.join({ ...STALE, staleIfError: { for: '1h' } });
    await cache.set('k', 'old');
    fleet.clock.advance(5999);
    expect(await cache.getResult('k')).toMatchObject({ state: 'stale' });
    expect(await fleet.join({ ttl: 1000 }).cache.get('k')).toBeUndefined();
    fleet.clock.advance(1);
    expect(await cache.getResult('k')).toMatchObject({ state: 'miss' });
  });

  it('outlives refreshes that fail, with whatever reason, and no rejection is left unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    const { cache, errors } = fleet.join({ ...STALE, staleIfError: { retryAfter: 0 } });
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    for (const reason of [undefined, null, 0, '', new Error('no')]) {
      expect(await cache.getOrSet('k', () => Promise.reject(reason as Error))).toBe('old');
      await settle();
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(errors).toHaveLength(5);
  });

  it('that a refresh is about to replace does not survive an invalidation', async () => {
    const { cache } = fleet.join(STALE);
    await cache.set('k', 'old', { tags: ['t'] });
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    await cache.getOrSet('k', () => gate.promise, { tags: ['t'] });
    await cache.invalidateTags(['t']);
    gate.resolve('loaded before');
    await settle();
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('a load that rejects with nothing', () => {
  it('rejects all who wait with it', async () => {
    const { cache } = fleet.join();
    for (const reason of [undefined, null, 0, '']) {
      const load = (): Promise<string> => Promise.reject(reason);
      const callers = [cache.getOrSet('k', load), cache.getOrSet('k', load)];
      expect(await Promise.allSettled(callers)).toEqual([
        { status: 'rejected', reason },
        { status: 'rejected', reason },
      ]);
    }
  });

  it('is told by the result where a stale value is served instead', async () => {
    const { cache } = fleet.join({ ttl: 1000, staleIfError: { for: 5000 } });
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const load = (): Promise<string> => Promise.reject(undefined);
    const result = await cache.getOrSetResult('k', load);
    expect(result).toMatchObject({ state: 'stale', value: 'old' });
    expect(result).toHaveProperty('error', undefined);
  });
});

describe('getOrSetMany', () => {
  function loader(): {
    calls: (readonly string[])[];
    load: (keys: readonly string[]) => Promise<Map<string, string>>;
    gate: { resolve: () => void };
  } {
    const calls: (readonly string[])[] = [];
    const gate = createDeferred();
    return {
      calls,
      gate,
      load: async (keys) => {
        calls.push(keys);
        await gate.promise;
        return new Map(keys.map((key) => [key, `new ${key}`]));
      },
    };
  }

  it('refreshes what is stale by one load, for which nobody waits, and loads what is missing by another', async () => {
    const { cache } = fleet.join(STALE);
    await cache.setMany(Object.entries({ a: 'old a', b: 'old b' }));
    fleet.clock.advance(1000);
    const missing = loader();
    missing.gate.resolve();
    const { calls, load, gate } = loader();
    const stale = await cache.getOrSetMany(['a', 'b'], load);
    expect([...stale.values()]).toEqual(['old a', 'old b']);
    await settle();
    const mixed = await cache.getOrSetMany(['a', 'b', 'c'], missing.load);
    expect([...mixed.values()]).toEqual(['old a', 'old b', 'new c']);
    expect([calls, missing.calls]).toEqual([[['a', 'b']], [['c']]]);
    gate.resolve();
    await settle();
    expect([cache.getLocal('a'), cache.getLocal('b')]).toEqual(['new a', 'new b']);
    expect(cache.stats()).toMatchObject({ refreshes: 2, stale: 4 });
  });

  it('does not load what another call is loading', async () => {
    const { cache } = fleet.join(STALE);
    const one = loader();
    const other = loader();
    const first = cache.getOrSetMany(['a', 'b'], one.load);
    const second = cache.getOrSetMany(['b', 'c'], other.load);
    await settle();
    const single = cache.getOrSet('a', never);
    await settle();
    one.gate.resolve();
    other.gate.resolve();
    expect([...(await first).values()]).toEqual(['new a', 'new b']);
    expect([...(await second).values()]).toEqual(['new b', 'new c']);
    expect(await single).toBe('new a');
    expect([one.calls, other.calls]).toEqual([[['a', 'b']], [['c']]]);
  });

  it('refreshes however many keys by a few calls of the store', async () => {
    const { cache, store } = fleet.join(STALE);
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await cache.setMany(keys.map((key) => [key, 'old']));
    fleet.clock.advance(1000);
    store.forgetCalls();
    const { calls, load, gate } = loader();
    gate.resolve();
    await cache.getOrSetMany(keys, load);
    await settle();
    expect(calls).toEqual([keys]);
    expect(store.callsOf('fillMany').map((call) => call.keys)).toEqual([keys]);
    // The first goes at once, the others of the turn together.
    expect(store.callsOf('getMany').length).toBeLessThanOrEqual(2);
    expect(store.callsOf('ticketMany').length).toBeLessThanOrEqual(2);
  });

  it('that fails to refresh leaves the stale values, and does not try again at once', async () => {
    const { cache, errors } = fleet.join(STALE);
    await cache.setMany(Object.entries({ a: 'old a', b: 'old b' }));
    fleet.clock.advance(1000);
    let loads = 0;
    const fail = (): never => {
      loads++;
      throw new Error('no');
    };
    for (let round = 0; round < 3; round++) {
      const values = await cache.getOrSetMany(['a', 'b'], fail);
      expect([...values.values()]).toEqual(['old a', 'old b']);
      await settle();
      fleet.clock.advance(POLL);
    }
    expect(loads).toBe(1);
    expect(errors.map(({ operation, key }) => [operation, key])).toEqual([
      ['refresh', 'a'],
      ['refresh', 'b'],
    ]);
  });
});
