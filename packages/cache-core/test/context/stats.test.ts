import * as fc from 'fast-check';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TieredCacheStats } from '../../src/index.ts';
import { controllableStore, referenceStore } from '../../src/testing.ts';
import { Fleet, POLL } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

function expectLaws(stats: TieredCacheStats): void {
  for (const part of [stats, ...stats.tiers]) {
    expect(part.lookups).toBe(part.hits + part.misses);
    expect(Math.min(part.hits, part.misses)).toBeGreaterThanOrEqual(0);
    expect(part.hitRate).toBe(part.lookups === 0 ? 0 : part.hits / part.lookups);
  }
  expect(stats.stale).toBeLessThanOrEqual(stats.hits);
  expect(stats.staleIfError).toBeLessThanOrEqual(stats.stale);
  expect(stats.softTimeouts).toBeLessThanOrEqual(stats.hits);
  expect(stats.earlyRefreshes).toBeLessThanOrEqual(stats.refreshes);
  expect(stats.loadErrors).toBeLessThanOrEqual(stats.loads);
  expect(stats.tiers[0]?.hits).toBeLessThanOrEqual(stats.hits);
}

describe('the statistics of a tiered cache', () => {
  it('count each caller as one lookup, by the tier that had the value', async () => {
    const { cache } = fleet.join();
    await fleet.join().cache.set('stored', 's');
    await cache.get('absent');
    await cache.getOrSet('loaded', () => 'l');
    await cache.getOrSet('loaded', () => 'l');
    await cache.get('loaded');
    await cache.get('stored');
    await cache.getMany(['loaded', 'stored', 'absent', 'absent']);
    await cache
      .getOrSet('bad', () => {
        throw new Error('no');
      })
      .catch(() => undefined);
    const stats = cache.stats();
    expectLaws(stats);
    expect(stats).toMatchObject({ lookups: 10, hits: 5, misses: 5, loads: 2, loadErrors: 1 });
    expect(stats.tiers).toMatchObject([
      { name: 'memory', lookups: 10, hits: 4 },
      { name: 'reference', hits: 1 },
    ]);
  });

  it('count callers that share a load apart from loads', async () => {
    const { cache } = fleet.join();
    await Promise.all([1, 2, 3].map(() => cache.getOrSet('k', () => 'v')));
    expect(cache.stats()).toMatchObject({ loads: 1, coalesced: 2, misses: 3, lookups: 3 });
  });

  it('count a key once for each caller who looks for it, though the store is asked once', async () => {
    await fleet.join().cache.set('k', 'v');
    const { cache, store } = fleet.join({ memory: false });
    await Promise.all([cache.get('x'), cache.get('k'), cache.get('k')]);
    expect(store.callsOf('getMany')).toHaveLength(2);
    expect(cache.stats().tiers).toMatchObject([{ lookups: 3, hits: 2, misses: 1 }]);
  });

  it('count no tier that was not asked, for any of those who look for a key without the ledger', async () => {
    const near = referenceStore({ name: 'near', scope: 'process', conditional: false });
    const store = controllableStore(referenceStore({ backend: fleet.backend }));
    const { cache } = fleet.own({ stores: [near, store], memory: false }, store);
    await cache.set('k', 'v');
    store.fail('delta', new Error('down'));
    await Promise.all([cache.get('k'), cache.get('k'), cache.get('k')]);
    expect(cache.stats().tiers).toMatchObject([
      { name: 'near', lookups: 3, hits: 0 },
      { name: 'reference', lookups: 0 },
    ]);
  });

  it('count stale hits as hits', async () => {
    const { cache } = fleet.join({ ttl: 100, staleWhileRevalidate: 1000 });
    await cache.getOrSet('k', () => 'v');
    fleet.clock.advance(150);
    await cache.get('k');
    expect(cache.stats()).toMatchObject({ hits: 1, stale: 1, misses: 1 });
  });

  it('count writes and invalidations', async () => {
    const { cache } = fleet.join();
    await cache.set('a', '1');
    await cache.setMany(Object.entries({ b: '2', c: '3' }));
    await cache.deleteMany(['a', 'b']);
    await cache.invalidateTags(['t']);
    await cache.invalidatePattern('x*');
    await cache.clear();
    expect(cache.stats()).toMatchObject({ sets: 3, deletes: 2, invalidations: 3, size: 0 });
  });

  it('tell how long loads took', async () => {
    const { cache } = fleet.join();
    for (const duration of [100, 300]) {
      const loading = cache.getOrSet(`k${duration}`, async () => {
        await new Promise<void>((resolve) => fleet.clock.setTimer(resolve, duration));
        return 'v';
      });
      await fleet.clock.advanceAsync(duration);
      await loading;
    }
    expect(cache.stats().loadMs).toEqual({ total: 400, mean: 200, max: 300 });
  });

  it('are 0 after a reset, in every tier', async () => {
    const { cache } = fleet.join();
    await cache.getOrSet('k', () => 'v');
    await cache.get('k');
    cache.resetStats();
    const stats = cache.stats();
    expectLaws(stats);
    expect(stats).toMatchObject({ lookups: 0, loads: 0, size: 1 });
    expect(stats.tiers.map(({ lookups }) => lookups)).toEqual([0, 0]);
  });

  it('obey their laws whatever happens', async () => {
    const operations = fc.array(
      fc.record({
        act: fc.constantFrom('get', 'load', 'fail', 'many', 'set', 'delete', 'tag', 'wait', 'down'),
        key: fc.constantFrom('a', 'b'),
        at: fc.nat(1),
      }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(operations, async (steps) => {
        const world = new Fleet();
        const options = {
          ttl: 150,
          slidingTtl: 400,
          jitter: 0.2,
          earlyRefresh: true,
          staleWhileRevalidate: 200,
          staleIfError: { for: 500, retryAfter: 50 },
          loadTimeout: { soft: 10 },
          seed: 1,
        };
        const instances = [world.join(options), world.join(options)] as const;
        const load = (): string => 'v';
        const fail = (): never => {
          throw new Error('no');
        };
        const calls: Promise<unknown>[] = [];
        for (const { act, key, at } of steps) {
          const { cache, store } = instances[at === 0 ? 0 : 1];
          if (act === 'get') calls.push(cache.get(key));
          else if (act === 'load') calls.push(cache.getOrSet(key, load, { tags: ['t'] }));
          else if (act === 'fail') calls.push(cache.getOrSet(key, fail));
          else if (act === 'many') {
            calls.push(cache.getOrSetMany(['a', 'b', 'c'], () => new Map([[key, 'v']])));
          } else if (act === 'set') calls.push(cache.set(key, 'v'));
          else if (act === 'delete') calls.push(cache.delete(key));
          else if (act === 'tag') calls.push(cache.invalidateTags(['t'], { keep: 'stale' }));
          else if (act === 'down') store.fail(undefined, new Error('down'));
          else {
            calls.push(Promise.allSettled(calls.splice(0)));
            await world.clock.advanceAsync(POLL);
          }
        }
        const ended = Promise.allSettled(calls);
        await settle();
        for (const { cache } of instances) expectLaws(cache.stats());
        await world.close();
        await ended;
      }),
      { numRuns: 150 },
    );
  });
});
