import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { hashKey } from '../../src/eviction/key-hash.ts';
import type { MemoryCacheOptions } from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache } from '../../src/memory/memory-cache.ts';
import { shardedCache } from './sharded-cache.ts';

const EVICTING = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo'] as const;
const DAY = 24 * 60 * 60 * 1000;

function expectWhole<Key>(cache: MemoryCache<Key, unknown>): void {
  const { size, ...stats } = cache.stats();
  expect(size).toBe(
    stats.inserts - stats.deletes - stats.evictions - stats.expirations - stats.cleared,
  );
  expect(size).toBeLessThanOrEqual(cache.maxEntries);
  expect([...cache.keys()].length).toBe(size);
}

describe.each([...EVICTING, 'ttl'] as const)('with the policy %s', (policy) => {
  describe.each([1, 4])('in %d shards', (shards) => {
    const create = <Key, Value>(
      options: MemoryCacheOptions<Key, Value> = {},
    ): MemoryCache<Key, Value> => shardedCache<Key, Value>(shards, { policy, ...options });

    test.each([
      [
        'long strings that differ where they are not sampled',
        (i: number) => `${'x'.repeat(130)}${i + 10_000}${'x'.repeat(4865)}`,
      ],
      ['symbols of one description', () => Symbol('key')],
    ])('keys that all hash alike are different keys: %s', (_name, keyOf) => {
      const cache = create<string | symbol, number>({ maxEntries: 300 });
      const keys = Array.from({ length: 300 }, (_, i) => keyOf(i));
      expect(new Set(keys.map((key) => hashKey(key, 1))).size).toBe(1);
      for (const [i, key] of keys.entries()) cache.set(key, i);
      for (const [i, key] of keys.entries()) expect(cache.get(key)).toBe(i);
      if (policy !== 'ttl') {
        for (let i = 300; i < 1500; i++) cache.set(keyOf(i), i);
        expect(cache.size).toBe(300);
      }
      for (const key of cache.keys()) expect(cache.delete(key)).toBe(true);
      expect(cache.size).toBe(0);
    });

    test('in a process older than 25 days lifetimes hold to the millisecond', () => {
      const clock = new ManualClock();
      const cache = create<number, number>({ maxEntries: 20, clock, sweepInterval: false });
      clock.advance(26 * DAY);
      cache.set(1, 1, { ttl: 100 });
      cache.set(2, 2, { slidingTtl: 100 });
      cache.set(3, 3, { ttl: 30 * DAY });
      clock.advance(99);
      expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual([1, 2, 3]);
      clock.advance(1);
      expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual([undefined, 2, 3]);
      clock.advance(30 * DAY - 101);
      expect([cache.get(2), cache.get(3)]).toEqual([undefined, 3]);
      clock.advance(1);
      expect(cache.get(3)).toBeUndefined();
      expect(cache.size).toBe(0);
    });
  });
});

describe.each(EVICTING)('with the policy %s', (policy) => {
  describe.each([1, 4])('in %d shards', (shards) => {
    test('a cache may be made smaller by a listener, a predicate, a weigh function or an iteration', () => {
      let cache: MemoryCache<number, number> | undefined;
      let weighed = 0;
      const made = shardedCache<number, number>(shards, {
        policy,
        maxEntries: 50,
        maxBytes: 1000,
        weigh: (value) => {
          if (++weighed % 70 === 0) cache?.resize({ maxEntries: 20, maxBytes: 300 });
          return value % 10;
        },
      });
      cache = made;
      made.on('remove', ({ key }) => {
        if (key % 50 === 0) made.resize({ maxEntries: 5 });
      });
      const fill = (from: number): void => {
        made.resize({ maxEntries: 50, maxBytes: 1000 });
        for (let i = from; i < from + 200; i++) made.set(i, i);
        expectWhole(made);
      };
      fill(0);
      made.invalidateWhere((_value, key) => {
        if (key % 7 === 0) made.resize({ maxEntries: 3 });
        return key % 2 === 0;
      });
      expectWhole(made);
      fill(1000);
      for (const key of made.keys()) {
        made.delete(key + 1);
        made.set(key + 10_000, 1);
        if (key % 5 === 0) made.resize({ maxEntries: 2 });
      }
      expectWhole(made);
      fill(2000);
      made.clear();
      expect([made.size, made.bytes]).toEqual([0, 0]);
    });
  });
});
