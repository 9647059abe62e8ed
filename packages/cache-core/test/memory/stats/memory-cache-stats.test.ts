import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { combineStats } from '../../../src/memory/stats/combine-stats.ts';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';

test('stats counts every kind of operation', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({
    clock,
    policy: 'lru',
    maxEntries: 2,
    maxBytes: 100,
    weigh: (value) => value,
  });
  cache.set('a', 1);
  cache.set('a', 2);
  cache.set('b', 3, { ttl: 5 });
  cache.set('c', 4);
  cache.set('d', 101);
  cache.get('c');
  cache.get('a');
  cache.peek('c');
  cache.has('x');
  clock.advance(5);
  cache.get('b');
  cache.set('e', 5);
  cache.delete('e');
  cache.delete('e');
  expect(cache.stats()).toEqual({
    hits: 1,
    misses: 2,
    hitRate: 1 / 3,
    sets: 6,
    inserts: 4,
    updates: 1,
    refused: 1,
    deletes: 1,
    evictions: 1,
    expirations: 1,
    cleared: 0,
    size: 1,
    bytes: 4,
    maxEntries: 2,
    maxBytes: 100,
  });
});

test('stats is a snapshot, and resetStats begins anew', () => {
  const cache = createMemoryCache<string, number>();
  cache.set('a', 1);
  const before = cache.stats();
  cache.get('a');
  expect(before.hits).toBe(0);
  cache.resetStats();
  expect(cache.stats()).toMatchObject({ hits: 0, hitRate: 0, sets: 0, inserts: 0, size: 1 });
});

test('stats can be switched off', () => {
  const cache = createMemoryCache<string, number>({ stats: false, maxEntries: 1 });
  cache.set('a', 1);
  cache.set('a', 2);
  cache.set('b', 1);
  cache.get('a');
  cache.get('b');
  cache.delete('b');
  cache.set('c', 1);
  cache.clear();
  expect(cache.stats()).toMatchObject({
    hits: 0,
    misses: 0,
    sets: 0,
    deletes: 0,
    evictions: 0,
    cleared: 0,
    size: 0,
  });
});

test('combineStats adds up several caches under their names', () => {
  const users = createMemoryCache<string, number>();
  const posts = createMemoryCache<string, number>();
  users.set('a', 1);
  users.get('a');
  users.get('a');
  users.get('b');
  posts.get('a');
  expect(
    combineStats({ users: users.stats(), posts: posts.stats(), __proto__x: users.stats() }),
  ).toEqual({
    totalHits: 4,
    totalMisses: 3,
    overallHitRate: 4 / 7,
    caches: {
      users: { hits: 2, misses: 1, evictions: 0, hitRate: 2 / 3, size: 1 },
      posts: { hits: 0, misses: 1, evictions: 0, hitRate: 0, size: 0 },
      __proto__x: { hits: 2, misses: 1, evictions: 0, hitRate: 2 / 3, size: 1 },
    },
  });
  expect(combineStats({})).toEqual({
    totalHits: 0,
    totalMisses: 0,
    overallHitRate: 0,
    caches: {},
  });
});
