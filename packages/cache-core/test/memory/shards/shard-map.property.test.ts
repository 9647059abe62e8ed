import { ManualClock } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemoryCache } from '../../../src/memory/memory-cache.ts';
import { outgrownCache, shardedCache } from '../sharded-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo', 'ttl'] as const;
type Policy = (typeof POLICIES)[number];

const WAYS = ['spread over other shards', 'outgrown'] as const;

/** A cache, and what makes its entries move to other shards from the next set on. */
function movable(
  way: (typeof WAYS)[number],
  policy: Policy,
  [from, to]: readonly [number, number],
  options: { readonly maxBytes?: number; readonly clock?: ManualClock } = {},
): [MemoryCache<number, number>, move: () => void] {
  const settings = { policy, maxEntries: 2000, sweepInterval: false, ...options } as const;
  let wanted = from;
  const move = (): void => {
    wanted = to;
  };
  if (way === 'outgrown') return outgrownCache(settings, () => to);
  return [shardedCache<number, number>(from, settings, () => wanted), move];
}

describe.each(WAYS)('while a cache is %s,', (way) => {
  describe.each(POLICIES)('with the policy %s,', (policy) => {
    test('each entry keeps its value, weight and lifetime', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.array(fc.constantFrom(undefined, 5, 50, 3e9), { minLength: 100, maxLength: 300 }),
          fc.array(fc.constantFrom(undefined, undefined, 7), { minLength: 300, maxLength: 300 }),
          (from, to, ttls, periods) => {
            const clock = new ManualClock();
            const [cache, move] = movable(way, policy, [from, to], { clock, maxBytes: 100_000 });
            clock.advance(3);
            const set = (key: number, ttl?: number, slidingTtl?: number): void => {
              cache.set(key, key, {
                weight: key % 7,
                ...(ttl === undefined ? {} : { ttl }),
                ...(slidingTtl === undefined ? {} : { slidingTtl }),
              });
            };
            for (const [i, ttl] of ttls.entries()) set(i, ttl, periods[i]);
            const { bytes } = cache;
            const before = ttls.map((_, key) => cache.remainingTtl(key));
            clock.advance(2);
            const due = before.map((ttl) => (ttl as number) - 2);
            move();
            for (let i = 0; i < 30; i++) {
              set(1000 + i);
              const found = ttls.map((_, key) => [cache.peek(key), cache.remainingTtl(key)]);
              expect(found).toEqual(due.map((left, key) => [key, left]));
              expect([cache.size, [...cache.keys()].length]).toEqual(
                Array(2).fill(ttls.length + i + 1),
              );
            }
            for (let i = 0; i < 30; i++) cache.delete(1000 + i);
            expect(cache.bytes).toBe(bytes);
            // A period begins anew with a read, wherever the entry is now.
            for (const [key, left] of due.entries()) {
              expect(cache.get(key)).toBe(key);
              const period = periods[key] ?? Infinity;
              expect(cache.remainingTtl(key)).toBe(
                Math.min(period, (ttls[key] ?? Infinity) - 2, period === 7 ? 7 : left),
              );
            }
            clock.advance(3);
            const gone = ttls.filter((ttl) => ttl === 5).length;
            expect(cache.clear('expired')).toBe(gone);
            expect(cache.stats()).toMatchObject({ inserts: ttls.length + 30, evictions: 0 });
          },
        ),
        { numRuns: 10 },
      );
    });

    test('an iteration meets each entry that stays exactly once', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 0, max: 300 }),
          (from, to, movesAfter) => {
            const [cache, move] = movable(way, policy, [from, to]);
            for (let key = 0; key < 300; key++) cache.set(key, key);
            const met: number[] = [];
            for (const key of cache.keys()) {
              if (met.length === movesAfter) move();
              met.push(key);
              if (met.length % 3 === 0) cache.set(10_000 + met.length, 0);
              if (met.length % 5 === 0) cache.set(key, 1);
              if (met.length > 2000) break;
            }
            const stayed = met.filter((key) => key < 300).toSorted((a, b) => a - b);
            expect(stayed).toEqual(Array.from({ length: 300 }, (_, key) => key));
            expect(new Set(met).size).toBe(met.length);
          },
        ),
        { numRuns: 10 },
      );
    });

    test('a predicate that writes meets every entry', () => {
      const [cache, move] = movable(way, policy, [2, 9]);
      for (let key = 0; key < 300; key++) cache.set(key, key);
      move();
      let writes = 0;
      const removed = cache.invalidateWhere((value, key) => {
        if (key >= 300) return false;
        if (writes++ < 500) cache.set(10_000 + writes, 0);
        return value === key;
      });
      expect(removed).toBe(300);
    });

    test('clear and close leave nothing behind', () => {
      const [cache, move] = movable(way, policy, [2, 9]);
      for (let key = 0; key < 300; key++) cache.set(key, key);
      move();
      cache.set(300, 300);
      expect([cache.clear(), cache.size, [...cache.keys()]]).toEqual([301, 0, []]);
      for (let key = 0; key < 300; key++) cache.set(key, key);
      const told: number[] = [];
      cache.on('remove', ({ key }) => told.push(key));
      cache.close();
      expect([told.length, cache.size]).toEqual([300, 0]);
      expect(() => cache.get(0)).toThrow('closed');
      expect(() => cache.set(1000, 0)).toThrow('closed');
    });
  });

  test.each(['lru', 'fifo'] as const)('the order of %s stays', (policy) => {
    const [cache, move] = movable(way, policy, [1, 1]);
    for (let key = 0; key < 300; key++) cache.set(key, key);
    for (let key = 0; key < 100; key++) cache.get(key);
    move();
    // An update, which is no use for `fifo`.
    for (let i = 0; i < 100; i++) cache.set(299, i);
    cache.resize({ maxEntries: 50 });
    const from = policy === 'lru' ? 51 : 250;
    const left = [...Array.from({ length: 49 }, (_, i) => from + i), 299];
    expect([...cache.keys()].toSorted((a, b) => a - b)).toEqual(left);
  });
});

test('what was counted by shards that are no more is still counted', () => {
  let wanted = 7;
  const cache = shardedCache<number, number>(7, { maxEntries: 500 }, () => wanted);
  for (let key = 0; key < 100; key++) cache.set(key, key);
  for (let key = 0; key < 200; key++) cache.get(key);
  wanted = 1;
  for (let i = 0; i < 100; i++) cache.set(0, i);
  expect(cache.stats()).toMatchObject({ hits: 100, misses: 100, inserts: 100, updates: 100 });
});
