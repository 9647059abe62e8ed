import { countHits, scanTrace } from '@perf/traces';
import { describe, expect, test } from 'vitest';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo'] as const;
const TRACE = scanTrace().subarray(0, 200_000);

describe.each(POLICIES)('a memory cache with the policy %s', (policy) => {
  test('removes the same entries in the same order for the same seed and operations', () => {
    const removals = (): number[] => {
      const cache = createMemoryCache<number, true>({ policy, maxEntries: 1000, seed: 7 });
      const removed: number[] = [];
      cache.on('remove', ({ key }) => removed.push(key));
      for (const [i, key] of TRACE.subarray(0, 50_000).entries()) {
        if (cache.get(key) === undefined) cache.set(key, true, i % 9 === 0 ? { ttl: '1h' } : {});
        if (i % 100 === 0) cache.delete(key);
      }
      return removed;
    };
    const first = removals();
    expect(first.length).toBeGreaterThan(10_000);
    expect(removals()).toEqual(first);
  });

  test('hits nearly as often with any seed', () => {
    const hits = [0, 1, -5, 2 ** 31].map((seed) =>
      countHits(TRACE, createMemoryCache<number, true>({ policy, maxEntries: 1000, seed })),
    );
    expect(Math.max(...hits) - Math.min(...hits)).toBeLessThan(0.005 * TRACE.length);
  });
});
