import * as fc from 'fast-check';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, type TieredCache, type TieredCacheOptions } from '../../src/index.ts';
import { Fleet, never } from '../tiered/fleet.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

async function expiries(options: TieredCacheOptions<number>, keys: number): Promise<number[]> {
  const cache = createCache<number>({ clock, ...options });
  const times: number[] = [];
  for (let key = 0; key < keys; key++) {
    await cache.set(`k${key}`, key);
    times.push((await cache.explain(`k${key}`)).tiers[0]?.fresh ?? Number.NaN);
  }
  await cache.close();
  return times;
}

describe('jitter', () => {
  it('shortens each ttl by up to its share, never lengthens it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        async (jitter, seed) => {
          for (const time of await expiries({ ttl: 1000, jitter, seed }, 20)) {
            expect(time).toBeLessThanOrEqual(1000);
            expect(time).toBeGreaterThanOrEqual(1000 * (1 - jitter));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('spreads what was stored together evenly over that share', async () => {
    const times = await expiries({ ttl: 1000, jitter: 0.5, seed: 1 }, 400);
    for (let from = 500; from < 1000; from += 100) {
      expect(times.filter((time) => time >= from && time < from + 100).length).toBeGreaterThan(50);
    }
  });

  it('is the same for the same seed, and none by default or for entries that do not expire', async () => {
    const seeded = { ttl: 1000, jitter: 0.5, seed: 7 };
    expect(await expiries(seeded, 5)).toEqual(await expiries(seeded, 5));
    expect(await expiries(seeded, 5)).not.toEqual(await expiries({ ...seeded, seed: 8 }, 5));
    expect(await expiries({ ttl: 1000 }, 2)).toEqual([1000, 1000]);
    expect(await expiries({ ttl: Infinity, jitter: 0.5 }, 1)).toEqual([Infinity]);
  });

  it('moves the time for which the entry is served stale as well', async () => {
    const cache = createCache<number>({
      clock,
      ttl: 1000,
      jitter: 0.5,
      seed: 7,
      staleWhileRevalidate: 100,
    });
    await cache.set('k', 1);
    const fresh = (await cache.explain('k')).tiers[0]?.fresh ?? 0;
    clock.advance(Math.ceil(fresh + 99));
    expect(await cache.getResult('k')).toMatchObject({ state: 'stale' });
    clock.advance(1);
    expect(await cache.getResult('k')).toMatchObject({ state: 'miss' });
    await cache.close();
  });
});

describe('an early refresh', () => {
  let fleet: Fleet;
  beforeEach(() => {
    fleet = new Fleet();
    clock = fleet.clock;
  });
  afterEach(() => fleet.close());

  const EARLY = { ttl: 1000, earlyRefresh: true, seed: 3 } as const;

  /** A loader that takes 100 ms. */
  function slow(value: string): () => string {
    return () => {
      clock.advance(100);
      return value;
    };
  }

  async function dueIn(cache: TieredCache<string>, key = 'k'): Promise<number> {
    return (await cache.explain(key)).tiers[0]?.earlyRefresh ?? Infinity;
  }

  it('is begun by the first hit from its moment on, while the value is served', async () => {
    const { cache } = fleet.join(EARLY);
    await cache.getOrSet('k', slow('old'));
    const due = await dueIn(cache);
    expect(due).toBeLessThan(1000);
    clock.advance(Math.ceil(due) - 1);
    expect(await cache.getOrSet('k', never)).toBe('old');
    await settle();
    expect(cache.stats().refreshes).toBe(0);
    clock.advance(1);
    expect([cache.getLocal('k'), await cache.get('k')]).toEqual(['old', 'old']);
    expect(cache.stats().refreshes).toBe(0);
    const hits = [1, 2, 3].map(() => cache.getOrSetResult('k', slow('new')));
    for (const hit of await Promise.all(hits)) {
      expect(hit).toMatchObject({ state: 'hit', value: 'old' });
    }
    // While it runs, hits have nothing to begin.
    expect(await dueIn(cache)).not.toBeLessThan(0);
    await settle();
    expect(cache.getLocal('k')).toBe('new');
    expect(cache.stats()).toMatchObject({ loads: 2, refreshes: 1, earlyRefreshes: 1 });
  });

  it('comes at a moment drawn by XFetch: expiry + load time × beta × ln(random)', async () => {
    for (const beta of [1, 2]) {
      const { cache } = fleet.join({ ...EARLY, earlyRefresh: { beta } });
      let early = 0;
      for (let key = 0; key < 200; key++) {
        await cache.getOrSet(`k${key}`, slow('v'));
        const due = await dueIn(cache, `k${key}`);
        expect(due).toBeLessThanOrEqual(1000);
        if (due < 800) early++;
      }
      // More than 200 ms before the end: with probability e^(-200 / (100 × beta)).
      expect(early / 200).toBeCloseTo(Math.exp(-2 / beta), 1);
    }
  });

  it('does not come for loads that take no time, nor where it is not asked for', async () => {
    const instant = fleet.join(EARLY).cache;
    await instant.getOrSet('k', () => 'v');
    expect(await dueIn(instant)).toBe(Infinity);
    const { cache } = fleet.join({ ttl: 1000 });
    await cache.getOrSet('j', slow('v'));
    expect(await dueIn(cache, 'j')).toBe(Infinity);
  });

  it('takes what another instance has loaded meanwhile in place of a load', async () => {
    const { cache } = fleet.join(EARLY);
    await cache.getOrSet('k', slow('old'));
    const due = await dueIn(cache);
    await cache.get('k');
    clock.advance(Math.ceil(due));
    const other = fleet.join({ ttl: 1000 });
    await other.cache.set('k', 'theirs');
    const first = await cache.getOrSet('k', never);
    await settle();
    expect(['old', 'theirs']).toContain(first);
    expect(await cache.getOrSet('k', never)).toBe('theirs');
    expect(cache.stats().loads).toBe(1);
  });

  it('that fails is an event, is not repeated for retryAfter, and costs the value nothing', async () => {
    const { cache, errors } = fleet.join({
      ...EARLY,
      ttl: 10_000,
      staleIfError: { retryAfter: 50 },
    });
    await cache.getOrSet('k', slow('old'));
    clock.advance(Math.ceil(await dueIn(cache)));
    let loads = 0;
    const fail = (): never => {
      loads++;
      throw new Error('no');
    };
    for (let hit = 0; hit < 3; hit++) {
      expect(await cache.getOrSetResult('k', fail)).toMatchObject({ state: 'hit', value: 'old' });
      await settle();
    }
    expect(loads).toBe(1);
    expect(errors).toMatchObject([{ operation: 'refresh', key: 'k' }]);
    clock.advance(50);
    await cache.getOrSet('k', fail);
    await settle();
    expect(loads).toBe(2);
  });

  it('of many keys is one load in the background', async () => {
    const { cache } = fleet.join(EARLY);
    const calls: (readonly string[])[] = [];
    const load = (keys: readonly string[]): Map<string, string> => {
      clock.advance(100);
      calls.push(keys);
      return new Map(keys.map((key) => [key, `${key} of call ${calls.length}`]));
    };
    await cache.getOrSetMany(['a', 'b'], load);
    // The time of a load of many is known only when they are stored already: of the second it is the mean.
    await cache.deleteMany(['a', 'b']);
    await cache.getOrSetMany(['a', 'b'], load);
    clock.advance(999);
    expect([...(await cache.getOrSetMany(['a', 'b'], load)).values()]).toEqual([
      'a of call 2',
      'b of call 2',
    ]);
    await settle();
    expect(calls).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(cache.stats()).toMatchObject({ earlyRefreshes: 2 });
  });
});
