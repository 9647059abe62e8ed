import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoadQueueFullError, LoadTimeoutError, type TieredCacheOptions } from '../../src/index.ts';
import { Fleet, never, POLL } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

const KEPT: TieredCacheOptions<string> = {
  ttl: 1000,
  staleIfError: { for: 10_000, retryAfter: 500 },
};

function fail(): never {
  throw new Error('no');
}

const withStore = { name: 'with a store', join: () => fleet.join(KEPT) };
const withoutStore = { name: 'memory alone', join: () => fleet.join({ ...KEPT, stores: [] }) };
const storeAlone = {
  name: 'a store alone',
  join: () => fleet.join({ ...KEPT, memory: false }),
};

describe.each([withStore, withoutStore, storeAlone])(
  'an entry past its time: $name',
  ({ join }) => {
    it('is a miss to plain reads and loaded anew by getOrSet, which waits', async () => {
      const { cache } = join();
      await cache.set('k', 'old');
      fleet.clock.advance(1000);
      expect(await cache.getResult('k')).toMatchObject({ state: 'miss', reason: 'expired' });
      expect(await cache.has('k')).toBe(false);
      expect(cache.getLocal('k')).toBeUndefined();
      expect((await cache.getMany(['k'])).size).toBe(0);
      expect(await cache.getOrSetResult('k', () => 'new')).toMatchObject({
        state: 'miss',
        value: 'new',
      });
    });

    it('is served to all callers of a load that fails, with the error and one event', async () => {
      const { cache, errors } = join();
      await cache.set('k', 'old');
      fleet.clock.advance(1000);
      const gate = createDeferred<string>();
      const load = (): Promise<string> => gate.promise;
      const callers = [1, 2, 3].map(() => cache.getOrSetResult('k', load));
      await settle();
      const error = new Error('no');
      gate.reject(error);
      for (const result of await Promise.all(callers)) {
        expect(result).toMatchObject({ state: 'stale', value: 'old', error });
      }
      expect(errors).toMatchObject([{ operation: 'load', key: 'k', error }]);
      expect(cache.stats()).toMatchObject({ staleIfError: 3, stale: 3, hits: 3, misses: 0 });
    });

    it('is not loaded again for retryAfter, and then is', async () => {
      const { cache } = join();
      await cache.set('k', 'old');
      fleet.clock.advance(1000);
      await cache.getOrSet('k', fail);
      fleet.clock.advance(499);
      expect(await cache.getOrSetResult('k', never)).toMatchObject({
        state: 'stale',
        error: { message: 'no' },
      });
      expect(cache.stats().loads).toBe(1);
      fleet.clock.advance(1);
      expect(await cache.getOrSet('k', () => 'new')).toBe('new');
      expect(await cache.getOrSetResult('k', never)).toMatchObject({ state: 'hit' });
    });

    it('is gone after `for`: callers get the error', async () => {
      const { cache } = join();
      await cache.set('k', 'old');
      fleet.clock.advance(10_999);
      expect(await cache.getOrSet('k', fail)).toBe('old');
      fleet.clock.advance(1);
      await expect(cache.getOrSet('k', fail)).rejects.toThrow('no');
    });

    it('is served by getOrSetMany for the keys that have one', async () => {
      const { cache } = join();
      await cache.setMany(Object.entries({ a: 'old a', b: 'old b' }));
      fleet.clock.advance(1000);
      expect([...(await cache.getOrSetMany(['a', 'b'], fail))]).toEqual([
        ['a', 'old a'],
        ['b', 'old b'],
      ]);
      await expect(cache.getOrSetMany(['a', 'c'], fail)).rejects.toThrow('no');
    });

    it('is not served once it was deleted, also while the load runs', async () => {
      const { cache } = join();
      await cache.set('k', 'old');
      fleet.clock.advance(1000);
      const gate = createDeferred<string>();
      const loading = cache.getOrSet('k', () => gate.promise);
      await settle();
      await cache.delete('k');
      gate.reject(new Error('no'));
      await expect(loading).rejects.toThrow('no');
      await expect(cache.getOrSet('k', fail)).rejects.toThrow('no');
    });

    it('is not served once its tag was invalidated while the load runs', async () => {
      const { cache } = join();
      await cache.set('k', 'old', { tags: ['t'] });
      fleet.clock.advance(1000);
      const gate = createDeferred<string>();
      const loading = cache.getOrSet('k', () => gate.promise);
      await settle();
      await cache.invalidateTags(['t']);
      gate.reject(new Error('no'));
      await expect(loading).rejects.toThrow('no');
    });

    it('is the previous value of the loader', async () => {
      const { cache } = join();
      await cache.set('k', 'old');
      fleet.clock.advance(5000);
      expect(await cache.getOrSet('k', ({ previous }) => `${previous} and new`)).toBe(
        'old and new',
      );
    });
  },
);

describe('a load that fails', () => {
  it('by its timeout, or because too many wait, is answered with the stale value as well', async () => {
    const { cache } = fleet.join({
      ...KEPT,
      loadTimeout: { hard: 100 },
      loadConcurrency: 1,
      loadQueue: 0,
    });
    await cache.setMany(Object.entries({ a: 'old a', b: 'old b' }));
    fleet.clock.advance(1000);
    const slow = cache.getOrSetResult('a', () => new Promise<string>(() => undefined));
    await settle();
    expect(await cache.getOrSetResult('b', never)).toMatchObject({
      value: 'old b',
      error: expect.any(LoadQueueFullError),
    });
    await fleet.clock.advanceAsync(100);
    expect(await slow).toMatchObject({ value: 'old a', error: expect.any(LoadTimeoutError) });
  });

  it('without a stale value rejects, and is tried again by each caller', async () => {
    const { cache, errors } = fleet.join(KEPT);
    let loads = 0;
    const load = (): never => {
      loads++;
      return fail();
    };
    await expect(cache.getOrSet('k', load)).rejects.toThrow('no');
    const callers = [cache.getOrSet('k', load), cache.getOrSet('k', load)];
    for (const caller of callers) await expect(caller).rejects.toThrow('no');
    expect(loads).toBe(2);
    expect(errors).toEqual([]);
  });

  it('whose only caller gives up in the queue serves and holds nothing', async () => {
    const { cache } = fleet.join({ ...KEPT, loadConcurrency: 1 });
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    const other = cache.getOrSet('other', () => gate.promise);
    await settle();
    const controller = new AbortController();
    const waiting = cache.getOrSet('k', never, { signal: controller.signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    gate.resolve('v');
    await other;
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  });

  it('is not answered once the cache is closed', async () => {
    const { cache } = fleet.join(KEPT);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const ended = Promise.allSettled([
      cache.getOrSet('k', ({ signal }) => {
        return new Promise<string>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }),
    ]);
    await settle();
    await cache.close();
    expect(await ended).toMatchObject([{ reason: { code: 'PERF_CLOSED' } }]);
  });

  it('serves what another instance loaded meanwhile, not what is stale', async () => {
    const { cache } = fleet.join(KEPT);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    await fleet.join(KEPT).cache.set('k', 'theirs');
    expect(await cache.getOrSetResult('k', never)).toMatchObject({ state: 'hit', value: 'theirs' });
  });

  it('does not serve what another instance has invalidated during the load', async () => {
    const { cache } = fleet.join(KEPT);
    await cache.set('k', 'old', { tags: ['t'] });
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    const loading = cache.getOrSet('k', () => gate.promise);
    await settle();
    await fleet.join(KEPT).cache.invalidateTags(['t']);
    fleet.clock.advance(POLL);
    gate.reject(new Error('no'));
    await expect(loading).rejects.toThrow('no');
  });

  it('is answered with what was invalidated softly, for as long as staleIfError says', async () => {
    const { cache } = fleet.join({ ...KEPT, ttl: '1h' });
    await cache.set('k', 'old', { tags: ['t'] });
    await cache.invalidateTags(['t'], { keep: 'stale' });
    fleet.clock.advance(9999);
    expect(await cache.getOrSet('k', fail)).toBe('old');
    fleet.clock.advance(2);
    await expect(cache.getOrSet('k', fail)).rejects.toThrow('no');
  });

  it('in the background is not repeated at each hit', async () => {
    const { cache, errors } = fleet.join({ ...KEPT, staleWhileRevalidate: 5000 });
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    for (let hit = 0; hit < 5; hit++) {
      expect(await cache.getOrSetResult('k', fail)).toMatchObject({ state: 'stale', value: 'old' });
      await settle();
    }
    expect(cache.stats()).toMatchObject({ loads: 1, refreshes: 1 });
    expect(errors).toMatchObject([{ operation: 'refresh', key: 'k' }]);
    fleet.clock.advance(500);
    await cache.getOrSet('k', fail);
    await settle();
    expect(cache.stats()).toMatchObject({ loads: 2, refreshes: 2 });
  });

  it('gives its ticket back: another instance loads at once', async () => {
    const { cache } = fleet.join(KEPT);
    const other = fleet.join(KEPT);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    expect(await cache.getOrSet('k', fail)).toBe('old');
    expect(await other.cache.getOrSet('k', () => 'new')).toBe('new');
  });

  it('is answered from memory while the store is out of reach, no longer than isolated.serve', async () => {
    const { cache, store } = fleet.join({ ...KEPT, isolated: { serve: 2000 } });
    await cache.set('k', 'old');
    store.fail(undefined, new Error('down'), { times: Infinity });
    fleet.clock.advance(1500);
    expect(await cache.getOrSet('k', fail)).toBe('old');
    fleet.clock.advance(600);
    await expect(cache.getOrSet('k', fail)).rejects.toThrow('no');
  });
});

describe('the soft timeout', () => {
  const SOFT: TieredCacheOptions<string> = { ...KEPT, loadTimeout: { soft: 50, hard: 1000 } };

  it.each([
    { name: 'in memory', options: SOFT },
    { name: 'in a store', options: { ...SOFT, memory: false as const } },
  ])('ends the wait of who has a stale value $name; the load goes on', async ({ options }) => {
    const { cache, errors } = fleet.join(options);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const timers = fleet.clock.pendingTimers;
    const gate = createDeferred<string>();
    const waiting = cache.getOrSetResult('k', () => gate.promise);
    await fleet.clock.advanceAsync(49);
    const first = await Promise.race([waiting, settle()]);
    expect(first).toBeUndefined();
    await fleet.clock.advanceAsync(1);
    const late = await waiting;
    expect(late).toMatchObject({ state: 'stale', value: 'old' });
    expect(late).not.toHaveProperty('error');
    // The load has had its soft time: who comes now does not wait for it.
    const next = cache.getOrSet('k', never);
    await fleet.clock.advanceAsync(0);
    expect(await next).toBe('old');
    gate.resolve('new');
    await settle();
    expect(await cache.getOrSet('k', never)).toBe('new');
    expect(cache.stats()).toMatchObject({ softTimeouts: 2, loads: 1, staleIfError: 0 });
    expect(errors).toEqual([]);
    expect(fleet.clock.pendingTimers).toBe(timers);
  });

  it('does not end the wait of who has none', async () => {
    const { cache } = fleet.join(SOFT);
    const gate = createDeferred<string>();
    const waiting = cache.getOrSet('k', () => gate.promise);
    await fleet.clock.advanceAsync(500);
    gate.resolve('v');
    expect(await waiting).toBe('v');
    expect(cache.stats().softTimeouts).toBe(0);
  });

  it('does not take a load that waits for its turn out of the queue', async () => {
    const { cache } = fleet.join({ ...SOFT, loadConcurrency: 1 });
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    const other = cache.getOrSet('other', () => gate.promise);
    const waiting = cache.getOrSet('k', () => 'new');
    await fleet.clock.advanceAsync(50);
    expect(await waiting).toBe('old');
    gate.resolve('v');
    await other;
    await settle();
    expect(cache.getLocal('k')).toBe('new');
  });

  it('tells by an event that the load failed after all', async () => {
    const { cache, errors } = fleet.join(SOFT);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    const waiting = cache.getOrSet('k', () => gate.promise);
    await fleet.clock.advanceAsync(50);
    await waiting;
    gate.reject(new Error('no'));
    await settle();
    expect(errors).toMatchObject([{ operation: 'load', key: 'k' }]);
    expect(await cache.getOrSetResult('k', never)).toMatchObject({ error: { message: 'no' } });
  });

  it('does not serve what was deleted while the load runs', async () => {
    const { cache } = fleet.join(SOFT);
    await cache.set('k', 'old');
    fleet.clock.advance(1000);
    const gate = createDeferred<string>();
    const waiting = cache.getOrSet('k', () => gate.promise);
    await settle();
    await cache.delete('k');
    await fleet.clock.advanceAsync(50);
    gate.resolve('new');
    expect(await waiting).toBe('new');
  });

  it('is how long another instance is waited for before its ticket is taken over', async () => {
    const { cache } = fleet.join(SOFT);
    const other = fleet.join(SOFT);
    const gate = createDeferred<string>();
    const theirs = other.cache.getOrSet('k', () => gate.promise);
    await settle();
    const mine = cache.getOrSet('k', () => 'mine');
    await fleet.clock.advanceAsync(200);
    expect(await mine).toBe('mine');
    gate.resolve('theirs');
    await theirs;
  });
});
