import { expect, test } from 'vitest';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache } from '../../src/memory/memory-cache.ts';

const PASSED_OVER = 65_536;

/** Full of entries that were all used, in the order of their keys. Objects are all in one shard. */
function fullOfUsed(policy: MemoryCachePolicy): [MemoryCache<object, number>, object[]] {
  const cache = createMemoryCache<object, number>({ policy, maxEntries: 100_000 });
  const keys = Array.from({ length: 100_000 }, (_, key) => ({ key }));
  for (const [i, key] of keys.entries()) cache.set(key, i);
  for (let uses = 0; uses < 3; uses++) for (const key of keys) cache.get(key);
  return [cache, keys];
}

test('the hand of sieve passes over so many entries at once, however many were used', () => {
  const [cache, keys] = fullOfUsed('sieve');
  cache.set({}, 0);
  expect(keys.findIndex((key) => !cache.has(key))).toBe(PASSED_OVER);
});

test('s3fifo passes over so many entries at once, however many were used', () => {
  const [cache, keys] = fullOfUsed('s3fifo');
  cache.set({}, 0);
  expect(keys.findIndex((key) => !cache.has(key))).toBe(PASSED_OVER);
  expect(cache.size).toBe(100_000);
});
