import { ClosedError, ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { CacheFullError } from '../../src/errors.ts';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';

const POLICIES: readonly MemoryCachePolicy[] = [
  'adaptive',
  'lru',
  'lfu',
  'fifo',
  'sieve',
  's3fifo',
  'ttl',
];

describe.each(POLICIES)('a memory cache with the policy %s', (policy) => {
  test('returns what was set, and undefined for what was not', () => {
    const cache = createMemoryCache<string, number>({ policy });
    expect(cache.set('a', 1)).toBe(true);
    expect(cache.get('a')).toBe(1);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.size).toBe(1);
  });

  test('takes any key a Map takes, and null, undefined, 0 and the empty string as values', () => {
    const cache = createMemoryCache<unknown, unknown>({ policy });
    const object = {};
    const symbol = Symbol('key');
    const keys = [
      '__proto__',
      'constructor',
      '',
      '*',
      '\n\0',
      '../',
      Number.NaN,
      -1,
      1n,
      object,
      symbol,
      undefined,
      null,
    ];
    for (const [i, key] of keys.entries()) cache.set(key, i);
    expect(keys.map((key) => cache.get(key))).toEqual(keys.map((_, i) => i));
    expect([...cache.keys()]).toEqual(keys);
    for (const value of [null, undefined, 0, '']) {
      cache.set('v', value);
      expect(cache.get('v')).toBe(value);
      expect(cache.has('v')).toBe(true);
    }
    for (const key of keys) expect(cache.delete(key)).toBe(true);
    expect(cache.size).toBe(1);
  });

  test('expires an entry exactly when its time is over', () => {
    const clock = new ManualClock();
    const cache = createMemoryCache<string, number>({ policy, clock, ttl: '1s' });
    cache.set('a', 1);
    cache.set('b', 2, { ttl: 500 });
    cache.set('c', 3, { ttl: Infinity });
    clock.advance(499);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, 2, 3]);
    clock.advance(1);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
    clock.advance(500);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, undefined, 3]);
    expect(cache.size).toBe(1);
  });
});

test('a full cache with the policy ttl refuses until an entry expires', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ policy: 'ttl', maxEntries: 2, clock });
  cache.set('a', 1, { ttl: 100 });
  cache.set('b', 2);
  expect(() => cache.set('c', 3)).toThrow(CacheFullError);
  clock.advance(100);
  cache.set('c', 3);
  expect([...cache.entries()]).toEqual([
    ['b', 2],
    ['c', 3],
  ]);
});

test('a closed cache refuses its use', () => {
  const cache = createMemoryCache<string, number>();
  cache.set('a', 1);
  cache.close();
  cache.close();
  expect(cache.size).toBe(0);
  for (const use of [
    () => cache.get('a'),
    () => cache.peek('a'),
    () => cache.has('a'),
    () => cache.remainingTtl('a'),
    () => cache.set('a', 1),
    () => cache.set('a', 1, { ttl: 1 }),
    () => cache.delete('a'),
    () => cache.clear(),
    () => cache.clear('expired'),
    () => cache.keys(),
    () => cache.values(),
    () => cache.entries(),
    () => cache.invalidateWhere(() => true),
    () => cache.invalidatePattern('*'),
    () => {
      cache.resize({ maxEntries: 1 });
    },
    () => cache.on('remove', () => {}),
  ]) {
    expect(use).toThrow(ClosedError);
  }
  expect(cache.stats().cleared).toBe(1);
});

test('options that are unknown or invalid are refused by name', () => {
  const refused: readonly [string, unknown][] = [
    ['maxEntries', 0],
    ['maxEntries', 1.5],
    ['maxEntries', Infinity],
    ['maxEntries', 8_000_001],
    ['maxBytes', -1],
    ['maxBytes', '5 potatoes'],
    ['maxBytes', Number.NaN],
    ['weigh', () => 1],
    ['ttl', 0],
    ['ttl', -1],
    ['ttl', 1.5],
    ['ttl', Number.NaN],
    ['ttl', '5 potatoes'],
    ['slidingTtl', 0],
    ['policy', 'random'],
    ['seed', 1.5],
    ['seed', 2 ** 32],
    ['seed', Number.NaN],
    ['seed', '1'],
    ['sweepInterval', 0],
    ['sweepInterval', Infinity],
    ['stats', 'yes'],
    ['clock', {}],
    ['clock', null],
    ['maxEntires', 5],
  ];
  for (const [option, value] of refused) {
    const create = (): unknown => createMemoryCache({ [option]: value });
    expect(create, option).toThrow(ConfigError);
    expect(create).toThrow(option);
  }
});
