import { ClosedError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { CacheFullError } from '../../../src/errors.ts';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import { Budget } from '../../../src/memory/shards/budget.ts';
import { firstShards, wantedShards } from '../../../src/memory/shards/shard-count.ts';
import { ShardedMemoryCache } from '../../../src/memory/shards/sharded-memory-cache.ts';
import { shardedCache } from '../sharded-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo'] as const;

describe('how many shards there are', () => {
  const bounds = (maxEntries: number, maxBytes = Infinity, entries = 0): Budget =>
    Object.assign(new Budget(maxEntries, maxBytes), { entries });

  test('follows the bound on entries: one up to 131,072, beyond enough that none exceeds 32,768', () => {
    const shards = (maxEntries: number): number => firstShards(bounds(maxEntries));
    expect([shards(1), shards(10_000), shards(131_072)]).toEqual([1, 1, 1]);
    for (const maxEntries of [131_073, 1_000_000, 8_000_000]) {
      expect(shards(maxEntries)).toBeGreaterThan(1);
      expect(maxEntries / shards(maxEntries)).toBeLessThanOrEqual(32_768);
      expect(maxEntries / shards(maxEntries)).toBeGreaterThan(16_384);
    }
  });

  test('follows what is held where entries have weights', () => {
    expect(firstShards(bounds(8_000_000, 2 ** 30))).toBe(1);
    const shards = (count: number, entries: number): number =>
      wantedShards(count, bounds(8_000_000, 2 ** 30, entries));
    expect([shards(1, 65_000), shards(1, 65_001), shards(4, 32_500)]).toEqual([1, 8, 4]);
    expect([shards(4, 128_000), shards(4, 129_000)]).toEqual([4, 16]);
    expect([shards(16, 500_000), shards(16, 520_000)]).toEqual([16, 64]);
    expect([shards(16, 33_000), shards(16, 64), shards(16, 0)]).toEqual([16, 1, 1]);
    expect(wantedShards(8, bounds(200_000, 2 ** 30, 600_000))).toBe(7);
  });

  test('changes with the bound on entries only when it is far off', () => {
    const shards = (count: number, maxEntries: number): number =>
      wantedShards(count, bounds(maxEntries));
    expect([shards(250, 100), shards(32, 200_000), shards(32, 300_000)]).toEqual([1, 7, 32]);
    expect([shards(1, 1_000_000), shards(32, 1_500_000)]).toEqual([32, 32]);
  });
});

test('a large cache is sharded, holds exactly as many entries as it may, and gives each its own', () => {
  const cache = createMemoryCache<string, number>({ maxEntries: 260_000 });
  expect(cache).toBeInstanceOf(ShardedMemoryCache);
  for (let i = 0; i < 300_000; i++) cache.set(`key:${i}`, i);
  expect(cache.size).toBe(260_000);
  let held = 0;
  for (let i = 0; i < 300_000; i++) {
    const value = cache.get(`key:${i}`);
    if (value === undefined) continue;
    held++;
    if (value !== i) expect(value).toBe(i);
  }
  expect(held).toBe(260_000);
});

test('a cache bounded in bytes is not sharded until it holds 65,000 entries, and keeps all beyond', () => {
  const cache = createMemoryCache<number, number>({ maxBytes: 150_000, weigh: () => 1 });
  expect(cache).not.toBeInstanceOf(ShardedMemoryCache);
  const met: number[] = [];
  for (let key = 0; key < 65_000; key++) cache.set(key, key);
  for (const key of cache.keys()) {
    if (met.push(key) === 500) for (let more = 65_000; more < 90_000; more++) cache.set(more, more);
  }
  expect([met.length, new Set(met).size]).toEqual([65_000, 65_000]);
  for (let key = 90_000; key < 150_000; key++) cache.set(key, key);
  let found = 0;
  for (let key = 0; key < 150_000; key++) if (cache.get(key) === key) found++;
  expect([cache.size, cache.bytes, found]).toEqual([150_000, 150_000, 150_000]);
});

test.each([{}, { maxBytes: 1_000_000, weigh: () => 1 }])(
  'a cache that resize makes large, or small again, keeps what there is room for (%o)',
  (bounds) => {
    const cache = createMemoryCache<number, number>({ maxEntries: 100, policy: 'lru', ...bounds });
    for (let key = 0; key < 100; key++) cache.set(key, key);
    cache.resize({ maxEntries: 140_000 });
    expect([cache.get(99), cache.get(100)]).toEqual([99, undefined]);
    for (let key = 100; key < 150_000; key++) cache.set(key, key);
    expect(cache.size).toBe(140_000);
    let wrong = 0;
    for (let key = 0; key < 150_000; key++) if ((cache.peek(key) ?? key) !== key) wrong++;
    expect(wrong).toBe(0);
    expect([cache.set(5, 6), cache.get(5), cache.delete(5), cache.has(5)]).toEqual([
      true,
      6,
      true,
      false,
    ]);
    cache.resize({ maxEntries: 10 });
    expect(cache.size).toBe(10);
    for (let key = 0; key < 100; key++) cache.set(key, key);
    expect([...cache.keys()]).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    cache.close();
    expect(() => cache.get(1)).toThrow(ClosedError);
  },
);

describe.each(POLICIES)('a sharded cache with the policy %s', (policy) => {
  test('full of keys of one shard gives the others their part', () => {
    const cache = shardedCache<object | string, number>(8, { policy, maxEntries: 400 });
    for (let i = 0; i < 400; i++) cache.set({ i }, i);
    const hot = Array.from({ length: 40 }, (_, i) => `hot:${i}`);
    for (let round = 0; round < 5; round++) for (const key of hot) cache.set(key, round);
    expect(hot.filter((key) => cache.has(key))).toEqual(hot);
    expect(cache.size).toBe(400);
  });

  test('is full at exactly maxEntries, however the keys fall into shards', () => {
    for (const shards of [1, 2, 7, 40]) {
      const cache = shardedCache<number, number>(shards, { policy, maxEntries: 20 });
      for (let i = 0; i < 200; i++) {
        cache.set(i, i);
        expect(cache.size).toBe(Math.min(20, i + 1));
      }
    }
  });

  test('stores an entry that is heavier than the part of a shard', () => {
    const cache = shardedCache<number, number>(8, {
      policy,
      maxBytes: 100,
      weigh: (value) => value,
    });
    for (let i = 0; i < 50; i++) cache.set(i, 5);
    // Not so heavy that `adaptive` would rather not have it.
    expect(cache.set(100, 25)).toBe(true);
    expect(cache.get(100)).toBe(25);
    expect(cache.bytes).toBeLessThanOrEqual(100);
    expect(cache.set(100, 100)).toBe(true);
    expect([...cache.entries()]).toEqual([[100, 100]]);
  });

  test('an entry that grows makes room at the cost of entries in any shard', () => {
    const cache = shardedCache<number, number>(8, {
      policy,
      maxBytes: 100,
      weigh: (value) => value,
    });
    for (let i = 0; i < 20; i++) cache.set(i, 5);
    for (const key of [3, 9, 15]) {
      cache.set(key, 95);
      expect(cache.get(key)).toBe(95);
      expect(cache.bytes).toBeLessThanOrEqual(100);
    }
  });

  test('takes objects as keys, as many as there is room for', () => {
    const cache = shardedCache<object, number>(8, { policy, maxEntries: 50 });
    const keys = Array.from({ length: 60 }, (_, i) => ({ i }));
    for (const [i, key] of keys.entries()) cache.set(key, i);
    expect(cache.size).toBe(50);
    for (const [i, key] of keys.entries()) expect(cache.get(key) ?? i).toBe(i);
    expect(cache.delete(keys[59] as object)).toBe(true);
  });
});

describe('with the policy ttl', () => {
  test('a set throws only when the whole cache is full, and not once anything has expired', () => {
    const clock = new ManualClock();
    const cache = shardedCache<number, number>(5, { policy: 'ttl', maxEntries: 30, clock });
    for (let i = 0; i < 30; i++) cache.set(i, i, i === 17 ? { ttl: 10 } : {});
    for (let i = 30; i < 60; i++) expect(() => cache.set(i, i)).toThrow(CacheFullError);
    clock.advance(10);
    cache.set(60, 60);
    expect(() => cache.set(61, 61)).toThrow(CacheFullError);
    expect([cache.size, cache.has(17), cache.get(60)]).toEqual([30, false, 60]);
  });

  test('resize below what it must keep changes nothing', () => {
    const cache = shardedCache<number, number>(5, { policy: 'ttl', maxEntries: 30 });
    for (let i = 0; i < 30; i++) cache.set(i, i);
    expect(() => {
      cache.resize({ maxEntries: 29 });
    }).toThrow(CacheFullError);
    expect([cache.size, cache.maxEntries]).toEqual([30, 30]);
  });
});

test('NaN is one key, of whatever bits it is made', () => {
  const cache = shardedCache<number, number>(40, { maxEntries: 100 });
  const other = new Float64Array(new Uint32Array([1, 0xfff8_0000]).buffer)[0] as number;
  cache.set(other, 1);
  expect(cache.get(Number.NaN)).toBe(1);
  cache.set(Number.NaN, 2);
  expect([cache.size, cache.get(other)]).toEqual([1, 2]);
});

test('a resize down and up again uses all the room there is', () => {
  const cache = shardedCache<number, number>(4, { maxEntries: 100 });
  for (let i = 0; i < 200; i++) cache.set(i, i);
  cache.resize({ maxEntries: 10 });
  expect(cache.size).toBe(10);
  cache.resize({ maxEntries: 80 });
  for (let i = 0; i < 500; i++) cache.set(i, i);
  expect(cache.size).toBe(80);
});

test('the sweep passes through all shards', () => {
  const clock = new ManualClock();
  const cache = shardedCache<number, number>(9, { maxEntries: 5000, clock, sweepInterval: '1s' });
  const removed = new Set<number>();
  cache.on('remove', ({ key, reason }) => reason === 'expired' && removed.add(key));
  for (let i = 0; i < 4000; i++) cache.set(i, i, i % 2 === 0 ? { ttl: 500 } : {});
  clock.advance(2000);
  expect(cache.size).toBe(2000);
  expect(removed.size).toBe(2000);
  expect(clock.pendingTimers).toBe(0);
});

test('expired entries of all shards are cleared', () => {
  const clock = new ManualClock();
  const cache = shardedCache<number, number>(9, { clock, ttl: 5, sweepInterval: false });
  for (let i = 0; i < 100; i++) cache.set(i, i);
  clock.advance(5);
  cache.set(100, 100);
  expect([cache.clear('expired'), cache.size]).toEqual([100, 1]);
});

test('patterns and predicates see the entries of all shards', () => {
  const cache = shardedCache<string, number>(6, {});
  for (let i = 0; i < 100; i++) cache.set(`${i % 2 === 0 ? 'even' : 'odd'}:${i}`, i);
  expect(cache.invalidatePattern('even:*')).toBe(50);
  expect(cache.invalidateWhere((value) => value < 50)).toBe(25);
  expect(cache.size).toBe(25);
});

test('an iteration ends, and meets each entry once, whatever is done meanwhile', () => {
  const cache = shardedCache<number, number>(6, { maxEntries: 1000 });
  for (let i = 0; i < 100; i++) cache.set(i, i);
  const visited: number[] = [];
  for (const key of cache.keys()) {
    visited.push(key);
    cache.set(key + 1000 * (visited.length + 1), 0);
    cache.delete((key * 7 + 1) % 100);
  }
  expect(new Set(visited).size).toBe(visited.length);
  // What comes meanwhile is met in shards that were not reached yet.
  expect(visited.length).toBeLessThan(300);
  let steps = 0;
  for (const _ of cache.entries()) {
    steps++;
    cache.clear();
  }
  expect(steps).toBe(1);
});

test('what is counted is the sum over all shards, those not made yet included', () => {
  const cache = shardedCache<number, number>(6, { maxEntries: 10 });
  for (let i = 0; i < 20; i++) cache.get(i);
  for (let i = 0; i < 20; i++) cache.set(i, i);
  for (const key of cache.keys()) cache.get(key);
  cache.set(19, 0);
  expect(cache.stats()).toMatchObject({
    hits: 10,
    misses: 20,
    inserts: 20,
    updates: 1,
    evictions: 10,
    size: 10,
  });
  cache.resetStats();
  expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, inserts: 0, evictions: 0, size: 10 });
});

test('once closed it refuses its use, in shards that were made and in others', () => {
  const clock = new ManualClock();
  const cache = shardedCache<number, number>(30, { clock, ttl: 10 });
  const told: number[] = [];
  cache.on('remove', ({ key }) => told.push(key));
  for (let i = 0; i < 10; i++) cache.set(i, i);
  cache.close();
  cache.close();
  expect(told.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([cache.size, clock.pendingTimers]).toEqual([0, 0]);
  for (let key = 0; key < 60; key++) {
    for (const use of [
      () => cache.get(key),
      () => cache.peek(key),
      () => cache.has(key),
      () => cache.remainingTtl(key),
      () => cache.set(key, 1),
      () => cache.set(key, 1, { ttl: 5 }),
      () => cache.delete(key),
    ]) {
      expect(use).toThrow(ClosedError);
    }
  }
});
