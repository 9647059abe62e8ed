import { describe, expect, test } from 'vitest';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import { shardedCache } from '../sharded-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo'] as const;

describe.each(POLICIES)('with the policy %s an entry that grows', (policy) => {
  test('takes from all shards, not from its own alone', () => {
    const shards = 4;
    const cache = shardedCache<number, number>(shards, { policy, maxBytes: 400 });
    for (let key = 0; key < 400; key++) cache.set(key, key, { weight: 1 });
    const before = new Set(cache.keys());
    const key = [...before].at(-1) as number;
    cache.set(key, key, { weight: 101 });
    expect(cache.get(key)).toBe(key);
    // Each shard has given some: of the keys, which go round the shards at random, about as many as it has.
    const after = new Set(cache.keys());
    const left = [...before].filter((one) => !after.has(one));
    expect([left.length, cache.bytes]).toEqual([100, 400]);
    const shardsOf = (keys: readonly number[]): number[] =>
      keys.map((one) => [...before].indexOf(one)).map((place) => Math.floor((4 * place) / 400));
    for (let shard = 0; shard < shards; shard++) {
      const gave = shardsOf(left).filter((one) => one === shard).length;
      expect(gave).toBeGreaterThan(10);
    }
  });

  test('is still there when it has grown step by step to all there is', () => {
    for (const shards of [1, 4]) {
      const cache = shardedCache<number, number>(shards, { policy, maxBytes: 64 });
      for (let key = 0; key < 64; key++) cache.set(key, key, { weight: 1 });
      const [key] = [...cache.keys()] as [number];
      for (let weight = 1; weight <= 64; weight++) {
        expect(cache.set(key, weight, { weight })).toBe(true);
        expect(cache.bytes).toBeLessThanOrEqual(64);
      }
      expect([...cache.entries()]).toEqual([[key, 64]]);
      cache.set(key, 1, { weight: 1 });
      for (let other = 100; other < 163; other++) cache.set(other, other, { weight: 1 });
      expect(cache.bytes).toBeLessThanOrEqual(64);
    }
  });
});

test('with lfu an entry that grows keeps its uses', () => {
  const cache = createMemoryCache<string, number>({ policy: 'lfu', maxBytes: 4 });
  for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 1, { weight: 1 });
  for (let uses = 0; uses < 5; uses++) for (const key of ['a', 'b', 'c', 'd']) cache.get(key);
  cache.set('a', 2, { weight: 2 });
  expect(cache.size).toBe(3);
  cache.set('new', 1, { weight: 1 });
  cache.set('newer', 1, { weight: 1 });
  expect(cache.has('a')).toBe(true);
});
