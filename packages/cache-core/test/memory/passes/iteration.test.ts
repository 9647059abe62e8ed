import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import type { MemoryCache } from '../../../src/memory/memory-cache.ts';

function filled(maxEntries = 10): MemoryCache<number, string> {
  const cache = createMemoryCache<number, string>({ maxEntries });
  for (let i = 0; i < 5; i++) cache.set(i, `v${i}`);
  return cache;
}

test('entries, keys and values come in the order in which the keys were added', () => {
  const cache = filled();
  cache.get(0);
  cache.set(1, 'new');
  expect([...cache.entries()]).toEqual([
    [0, 'v0'],
    [1, 'new'],
    [2, 'v2'],
    [3, 'v3'],
    [4, 'v4'],
  ]);
  expect([...cache.keys()]).toEqual([0, 1, 2, 3, 4]);
  expect([...cache.values()]).toEqual(['v0', 'new', 'v2', 'v3', 'v4']);
});

test('expired entries are passed over, and nothing is counted or moved', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock, policy: 'lru', maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2, { ttl: 5 });
  clock.advance(5);
  expect([...cache.entries()]).toEqual([['a', 1]]);
  expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, expirations: 0, size: 2 });
  cache.set('c', 3);
  expect(cache.has('a')).toBe(false);
});

test('an entry removed meanwhile is not visited', () => {
  const cache = filled();
  const visited: number[] = [];
  for (const key of cache.keys()) {
    visited.push(key);
    cache.delete(key + 1);
  }
  expect(visited).toEqual([0, 2, 4]);
});

test('adding an entry at every step comes to an end, full or not', () => {
  for (const maxEntries of [5, 1000]) {
    const cache = filled(maxEntries);
    let steps = 0;
    for (const key of cache.keys()) {
      cache.set(key + 100 * ++steps, 'more');
    }
    expect(steps).toBeLessThanOrEqual(5);
  }
});

test('clearing meanwhile ends the iteration', () => {
  const cache = filled();
  let steps = 0;
  for (const _ of cache.values()) {
    steps++;
    cache.clear();
  }
  expect(steps).toBe(1);
});

test('invalidateWhere removes what matches, whatever the predicate does to the cache', () => {
  const cache = filled();
  expect(cache.invalidateWhere((value) => value === 'v1' || value === 'v3')).toBe(2);
  expect([...cache.keys()]).toEqual([0, 2, 4]);
  expect(cache.stats().deletes).toBe(2);
  let judged = 0;
  expect(
    cache.invalidateWhere((_value, key) => {
      judged++;
      cache.set(key, 'replaced while judged');
      cache.set(key + 10, 'added');
      return true;
    }),
  ).toBe(0);
  expect(judged).toBe(3);
  expect(
    cache.invalidateWhere(() => {
      cache.clear();
      return true;
    }),
  ).toBe(0);
});

test('what a predicate throws reaches the caller, and the cache goes on', () => {
  const cache = filled();
  expect(() =>
    cache.invalidateWhere((_value, key) => {
      if (key === 2) throw new Error('predicate');
      return true;
    }),
  ).toThrow('predicate');
  expect([...cache.keys()]).toEqual([2, 3, 4]);
  cache.set(5, 'v5');
  expect(cache.get(5)).toBe('v5');
});

test('invalidatePattern concerns string keys only', () => {
  const cache = createMemoryCache<unknown, number>();
  for (const key of ['user:1', 'user:2', 'post:1', 7, Symbol.iterator]) cache.set(key, 1);
  expect(cache.invalidatePattern('user:*')).toBe(2);
  expect([...cache.keys()]).toEqual(['post:1', 7, Symbol.iterator]);
  expect(cache.invalidatePattern('*')).toBe(1);
});
