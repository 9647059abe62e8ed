import { ConfigError } from '@perf/core';
import { ManualClock, seededRandom } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { CacheFullError } from '../../src/errors.ts';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import type { MemoryCacheOptions } from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache, MemorySetOptions } from '../../src/memory/memory-cache.ts';

function weighedCache(
  options: MemoryCacheOptions<string, number> = {},
): MemoryCache<string, number> {
  return createMemoryCache({ maxBytes: 10, weigh: (value: number) => value, ...options });
}

test('the default bound is 10,000 entries', () => {
  const cache = createMemoryCache<number, number>();
  for (let i = 0; i < 10_001; i++) cache.set(i, i);
  expect(cache.size).toBe(10_000);
  expect(cache.has(0)).toBe(false);
  expect(cache.maxEntries).toBe(10_000);
  expect(cache.maxBytes).toBe(Infinity);
});

test('a cache of one entry keeps the last', () => {
  const cache = createMemoryCache<string, number>({ maxEntries: 1 });
  cache.set('a', 1);
  cache.set('b', 2);
  expect([...cache.keys()]).toEqual(['b']);
});

test('a bound in bytes alone leaves the number of entries to it', () => {
  const cache = createMemoryCache<number, number>({ maxBytes: 20_000, weigh: () => 1 });
  for (let i = 0; i < 20_001; i++) cache.set(i, i);
  expect(cache.size).toBe(20_000);
  expect(cache.bytes).toBe(20_000);
});

describe.each(['adaptive', 's3fifo'] as const)('with the policy %s', (policy) => {
  test('a bound in bytes alone hits what the same bound in entries does', () => {
    const hits = (options: MemoryCacheOptions<number, true>): number => {
      const cache = createMemoryCache<number, true>({ policy, seed: 0, ...options });
      const random = seededRandom(1);
      for (let i = 0; i < 100_000; i++) {
        const key = Math.floor(20_000 ** random());
        if (cache.get(key) === undefined) cache.set(key, true);
      }
      return cache.stats().hits;
    };
    const byEntries = hits({ maxEntries: 1000 });
    expect(hits({ policy: 'fifo', maxEntries: 1000 })).toBeLessThan(0.85 * byEntries);
    const byBytes = hits({ maxBytes: 1000, weigh: () => 1 });
    expect(Math.abs(byBytes - byEntries)).toBeLessThan(0.01 * byEntries);
  });
});

test('as many entries leave as it takes to fit the new one', () => {
  const cache = weighedCache({ policy: 'lru' });
  cache.set('a', 4);
  cache.set('b', 4);
  cache.set('c', 2);
  cache.set('d', 7);
  expect([...cache.entries()]).toEqual([
    ['c', 2],
    ['d', 7],
  ]);
  expect(cache.bytes).toBe(9);
});

test('an entry that grows makes room at the cost of others, not of itself', () => {
  for (const policy of ['lru', 'fifo', 'lfu'] as const) {
    const cache = weighedCache({ policy });
    cache.set('a', 2);
    cache.set('b', 4);
    cache.set('c', 4);
    for (let i = 0; i < 5; i++) {
      cache.get('b');
      cache.get('c');
    }
    cache.set('a', 6);
    expect(cache.get('a')).toBe(6);
    expect(cache.size).toBe(2);
  }
});

test('weightless entries are bounded by number only', () => {
  const cache = weighedCache({ maxEntries: 3 });
  for (const key of 'abcd') cache.set(key, 0);
  expect(cache.size).toBe(3);
  expect(cache.bytes).toBe(0);
});

test('the weight of one set counts instead of what weigh says', () => {
  const cache = weighedCache();
  cache.set('a', 9, { weight: 1 });
  expect(cache.bytes).toBe(1);
});

test('a weight has no effect in a cache without a bound in bytes, but must be valid', () => {
  const cache = createMemoryCache<string, number>();
  expect(cache.set('a', 1, { weight: 5 })).toBe(true);
  expect(cache.bytes).toBe(0);
  expect(() => cache.set('a', 1, { weight: -5 })).toThrow(ConfigError);
});

test('without weigh, entries are weighed by an estimate of their memory', () => {
  const cache = createMemoryCache<string, string>({ maxBytes: '64kb' });
  for (let i = 0; i < 100; i++) cache.set(`key${i}`, 'x'.repeat(1000));
  expect(cache.size).toBeGreaterThan(50);
  expect(cache.size).toBeLessThan(64);
  expect(cache.set('big', 'x'.repeat(65_536))).toBe(false);
});

describe('a set that stores nothing leaves nothing under its key, and is counted as refused:', () => {
  function expectRefused(attempt: (cache: MemoryCache<string, number>) => void): void {
    const cache = weighedCache({
      weigh: (value) => {
        if (value === 666) throw new Error('cannot weigh');
        return value;
      },
    });
    const reasons: string[] = [];
    cache.on('remove', ({ reason }) => reasons.push(reason));
    cache.set('a', 1);
    cache.set('b', 1);
    attempt(cache);
    expect(cache.has('a')).toBe(false);
    expect(cache.get('b')).toBe(1);
    expect(cache.bytes).toBe(1);
    expect(reasons).toEqual(['evicted']);
    expect(cache.stats()).toMatchObject({ sets: 3, inserts: 2, updates: 0, refused: 1, size: 1 });
  }

  test('heavier than the cache', () => {
    expectRefused((cache) => {
      expect(cache.set('a', 11)).toBe(false);
    });
  });

  test.each([-1, Number.NaN, 1.5, Infinity, '2' as unknown as number])(
    'weigh says %s',
    (weight) => {
      expectRefused((cache) => {
        expect(() => cache.set('a', weight)).toThrow(ConfigError);
      });
    },
  );

  test.each<MemorySetOptions>([
    { weight: -1 },
    { weight: Number.NaN },
    { ttl: 0 },
    { ttl: -1 },
    { ttl: 0.5 },
    { ttl: Number.NaN },
    { ttl: '5 potatoes' as '5s' },
    { slidingTtl: 0 },
    { slidingTtl: '-1s' },
    null as unknown as MemorySetOptions,
    7 as unknown as MemorySetOptions,
    { ttl: null as unknown as 5 },
    { tll: 5 } as MemorySetOptions,
  ])('an invalid option %o', (options) => {
    expectRefused((cache) => {
      expect(() => cache.set('a', 1, options)).toThrow(ConfigError);
    });
  });

  test('weigh throws', () => {
    expectRefused((cache) => {
      expect(() => cache.set('a', 666)).toThrow('cannot weigh');
    });
  });
});

test('a weigh function that changes the cache is safe', () => {
  const cache: MemoryCache<string, number> = createMemoryCache({
    maxBytes: 100,
    weigh: (_value: number, key: string) => {
      if (key === 'outer') {
        cache.set('outer', 1, { weight: 1 });
        cache.set('inner', 2);
      }
      return 1;
    },
  });
  cache.set('outer', 3);
  expect([...cache.entries()]).toEqual([
    ['outer', 3],
    ['inner', 2],
  ]);
  expect(cache.bytes).toBe(2);
});

describe('with the policy ttl', () => {
  test('an entry that grows beyond the bytes there are is refused and gone', () => {
    const cache = weighedCache({ policy: 'ttl' });
    cache.set('a', 5);
    cache.set('b', 5);
    expect(() => cache.set('a', 6)).toThrow(CacheFullError);
    expect([...cache.keys()]).toEqual(['b']);
    expect(cache.stats()).toMatchObject({ refused: 1, evictions: 1, size: 1 });
  });

  test('the error says which bound was reached', () => {
    const cache = weighedCache({ policy: 'ttl', maxEntries: 2 });
    cache.set('a', 9);
    expect(() => cache.set('b', 2)).toThrow(/10 bytes/);
    cache.set('b', 1);
    expect(() => cache.set('c', 0)).toThrow(/2 entries/);
  });

  test('expired entries make room in the order of their expiry, sliding ones when they are due', () => {
    const clock = new ManualClock();
    const cache = createMemoryCache<string, number>({ policy: 'ttl', maxEntries: 3, clock });
    cache.set('slides', 1, { slidingTtl: 10 });
    cache.set('early', 2, { ttl: 12 });
    cache.set('late', 3, { ttl: 30 });
    clock.advance(9);
    cache.get('slides');
    clock.advance(4);
    cache.set('new', 4);
    expect([...cache.keys()]).toEqual(['slides', 'late', 'new']);
    expect(() => cache.set('newer', 5)).toThrow(CacheFullError);
    clock.advance(6);
    cache.set('newer', 5);
    expect([...cache.keys()]).toEqual(['late', 'new', 'newer']);
    expect(cache.size).toBe(3);
  });
});

describe('resize', () => {
  test('down evicts what is above the bounds, in the order of the policy', () => {
    const cache = weighedCache({ policy: 'lru', maxEntries: 5 });
    for (const key of 'abcde') cache.set(key, 2);
    cache.get('a');
    cache.resize({ maxEntries: 3 });
    expect([...cache.keys()]).toEqual(['a', 'd', 'e']);
    cache.resize({ maxBytes: 4 });
    expect([...cache.keys()]).toEqual(['a', 'e']);
    expect(cache.stats()).toMatchObject({ evictions: 3, maxEntries: 3, maxBytes: 4 });
  });

  test('up makes room beyond the first arrays', () => {
    const cache = createMemoryCache<number, number>({ policy: 'lru', maxEntries: 2 });
    for (let i = 0; i < 3; i++) cache.set(i, i);
    cache.resize({ maxEntries: 1000 });
    for (let i = 0; i < 2000; i++) cache.set(i, i);
    expect(cache.size).toBe(1000);
    for (let i = 1000; i < 2000; i++) expect(cache.get(i)).toBe(i);
  });

  test('below what is sampled, with entries that were, the cache goes on', () => {
    const cache = createMemoryCache<number, number>({ maxEntries: 100, seed: 0 });
    for (let i = 0; i < 100; i++) cache.set(i, i);
    cache.resize({ maxEntries: 31 });
    for (let round = 0; round < 50; round++) {
      for (const key of cache.keys()) expect(cache.get(key)).toBe(key);
    }
    expect(cache.size).toBe(31);
  });

  test('refuses invalid bounds, and bytes where there was no such bound', () => {
    const cache = createMemoryCache<string, number>();
    for (const bounds of [
      { maxEntries: 0 },
      { maxEntries: 8_000_001 },
      { maxEntries: Number.NaN },
      { maxBytes: 5 },
    ]) {
      expect(() => {
        cache.resize(bounds);
      }).toThrow(ConfigError);
    }
    expect(cache.maxEntries).toBe(10_000);
  });

  test('below what the policy ttl must keep changes nothing', () => {
    const cache = createMemoryCache<string, number>({ policy: 'ttl', maxEntries: 3 });
    for (const key of 'abc') cache.set(key, 1);
    expect(() => {
      cache.resize({ maxEntries: 2 });
    }).toThrow(CacheFullError);
    expect(cache.size).toBe(3);
    expect(cache.maxEntries).toBe(3);
  });
});

test('memory stays bounded over many operations', () => {
  const cache = createMemoryCache<number, number>({ policy: 'lru', maxEntries: 100 });
  for (let i = 0; i < 300_000; i++) {
    cache.set(i, i);
    if (i % 3 === 0) cache.delete(i - 50);
  }
  expect(cache.size).toBeLessThanOrEqual(100);
  expect([...cache.values()].every((value) => value >= 299_800)).toBe(true);
});

test.each([null, 7, 'all', { maxEntrees: 5 }, { maxEntries: null }, { ttl: 5 }])(
  'resize refuses %o with a ConfigError, and changes nothing',
  (bounds) => {
    const cache = createMemoryCache<string, number>({ maxEntries: 3 });
    cache.set('a', 1);
    expect(() => {
      cache.resize(bounds as never);
    }).toThrow(ConfigError);
    expect([cache.maxEntries, cache.size]).toEqual([3, 1]);
  },
);
