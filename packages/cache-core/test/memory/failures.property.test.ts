import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CacheFullError } from '../../src/errors.ts';
import type { MemoryCache } from '../../src/memory/memory-cache.ts';
import { FailingClock } from './failing-clock.ts';
import { shardedCache } from './sharded-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo', 'ttl'] as const;

/** A value says what it weighs, or that it cannot be weighed. */
interface Value {
  readonly weight: number;
  readonly fails: boolean;
}

const step = fc.record({
  do: fc.constantFrom(
    'set',
    'set',
    'set',
    'set',
    'get',
    'get',
    'delete',
    'resize',
    'clear',
    'move',
  ),
  key: fc.integer({ min: 0, max: 60 }),
  weight: fc.integer({ min: 0, max: 8 }),
  ttl: fc.constantFrom(undefined, undefined, 5, 20, 2000, 3e9),
  slidingTtl: fc.constantFrom(undefined, undefined, undefined, 10),
  weighFails: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  clockFailsAfter: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 12, ...Array<number>(9).fill(Infinity)),
  by: fc.integer({ min: -30, max: 60 }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function perform(cache: MemoryCache<number, Value>, one: Step, clock: FailingClock): void {
  const { key, weight, ttl, slidingTtl, weighFails } = one;
  switch (one.do) {
    case 'set':
      cache.set(
        key,
        { weight, fails: weighFails },
        {
          ...(ttl === undefined ? {} : { ttl }),
          ...(slidingTtl === undefined ? {} : { slidingTtl }),
        },
      );
      break;
    case 'get':
      cache.get(key);
      break;
    case 'delete':
      cache.delete(key);
      break;
    case 'resize':
      if (key < 20) cache.resize({ maxEntries: 1 + key * 3 });
      break;
    case 'clear':
      if (key < 20) cache.clear(key === 0 ? 'all' : 'expired');
      break;
    default:
      clock.move(one.by);
  }
}

describe.each(POLICIES)('whatever fails in a cache with the policy %s', (policy) => {
  test.each([
    [1, false],
    [1, true],
    [4, false],
    [4, true],
  ])('it stays whole: %d shards, bounded in bytes %s', (shards, weighed) => {
    fc.assert(
      fc.property(
        fc.constantFrom(3, 10, 50),
        fc.constantFrom(undefined, 10, 2000),
        fc.array(step, { minLength: 50, maxLength: 400, size: 'max' }),
        (maxEntries, ttl, steps) => {
          const clock = new FailingClock();
          const cache = shardedCache<number, Value>(shards, {
            policy,
            maxEntries,
            clock,
            ...(ttl === undefined ? {} : { ttl }),
            ...(weighed
              ? {
                  maxBytes: 60,
                  weigh: ({ weight, fails }: Value) => {
                    if (fails) throw new Error('weigh fails');
                    return weight;
                  },
                }
              : {}),
          });
          let sets = 0;
          for (const one of steps) {
            const bounds = [cache.maxEntries, cache.size];
            let failed = false;
            clock.failAfter(one.clockFailsAfter);
            try {
              perform(cache, one, clock);
            } catch (error) {
              if (!(error instanceof CacheFullError)) expect(String(error)).toMatch(/fails/);
              failed = true;
            }
            clock.failAfter(Infinity);
            if (failed && one.do === 'resize') {
              // With `ttl` what has expired may have left before.
              const size = policy === 'ttl' ? bounds[1] : cache.size;
              expect([cache.maxEntries, size]).toEqual(bounds);
            }
            if (one.do === 'set') {
              sets++;
              if (failed) expect(cache.peek(one.key)).toBeUndefined();
            }
            expect(cache.stats().sets).toBe(sets);
            expectWhole(cache);
          }
          expectLinked(cache, policy === 'ttl');
        },
      ),
      { numRuns: 10 },
    );
  });
});

function expectWhole(cache: MemoryCache<number, Value>): void {
  const { size, bytes, ...stats } = cache.stats();
  expect(size).toBe(
    stats.inserts - stats.deletes - stats.evictions - stats.expirations - stats.cleared,
  );
  expect(size).toBeLessThanOrEqual(stats.maxEntries);
  expect(bytes).toBeLessThanOrEqual(stats.maxBytes);
}

/** Each entry can be found and can leave, and with it what it weighs. */
function expectLinked(cache: MemoryCache<number, Value>, keeps: boolean): void {
  cache.clear('expired');
  const entries = [...cache.entries()];
  expect(entries.length).toBe(cache.size);
  if (cache.maxBytes !== Infinity) {
    expect(cache.bytes).toBe(entries.reduce((sum, [, { weight }]) => sum + weight, 0));
  }
  if (!keeps) {
    cache.resize({ maxEntries: 1 });
    expect(cache.size).toBeLessThanOrEqual(1);
    cache.resize({ maxEntries: 40 });
    for (let key = 0; key < 400; key++) cache.set(key, { weight: 1, fails: false });
    expect(cache.size).toBe(40);
  }
  for (const key of cache.keys()) expect(cache.delete(key)).toBe(true);
  expect([cache.size, cache.bytes]).toEqual([0, 0]);
}
