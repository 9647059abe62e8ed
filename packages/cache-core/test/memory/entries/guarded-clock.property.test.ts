import { ConfigError, type Clock, type Timer } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import type { MemoryCache } from '../../../src/memory/memory-cache.ts';
import { shardedCache } from '../sharded-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo', 'ttl'] as const;
const REFUSED = /clock must be a Clock that does not use the cache/;

/** A clock that does something with the cache whenever it is asked. */
class MeddlingClock implements Clock {
  readonly inner = new ManualClock();
  meddle: (() => void) | undefined;
  refused = 0;
  readonly #swallows: boolean;

  constructor(swallows: boolean) {
    this.#swallows = swallows;
  }

  now(): number {
    this.#meddle();
    return this.inner.now();
  }

  coarse(): number {
    this.#meddle();
    return this.inner.coarse();
  }

  epoch(): number {
    return this.inner.epoch();
  }

  setTimer(callback: () => void, delay: number): Timer {
    return this.inner.setTimer(callback, delay);
  }

  #meddle(): void {
    try {
      this.meddle?.();
    } catch (error) {
      this.refused++;
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toMatch(REFUSED);
      if (!this.#swallows) throw error;
    }
  }
}

const use = fc.record({
  do: fc.constantFrom('set', 'set', 'get', 'get', 'delete', 'clear', 'has', 'peek', 'resize'),
  key: fc.integer({ min: 0, max: 30 }),
  ttl: fc.constantFrom(undefined, 3, 20, 2000),
  by: fc.integer({ min: 0, max: 5 }),
});
type Use = typeof use extends fc.Arbitrary<infer T> ? T : never;

function perform(cache: MemoryCache<number, number>, { do: what, key, ttl }: Use): void {
  if (what === 'set') cache.set(key, key, ttl === undefined ? {} : { ttl });
  else if (what === 'clear') cache.clear(key < 3 ? 'all' : 'expired');
  else if (what === 'resize') cache.resize({ maxEntries: 1 + key });
  else cache[what](key);
}

describe.each(POLICIES)('a clock that uses the cache with the policy %s', (policy) => {
  test.each([1, 4])('is refused, and breaks nothing, in %d shards', (shards) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(use, use), { minLength: 50, maxLength: 200 }),
        fc.boolean(),
        (steps, swallows) => {
          const clock = new MeddlingClock(swallows);
          const options = { policy, maxEntries: 10, ttl: 30, clock, sweepInterval: false } as const;
          const cache =
            shards === 1
              ? createMemoryCache<number, number>({ seed: 0, ...options })
              : shardedCache<number, number>(shards, options);
          for (const [one, other] of steps) {
            clock.inner.advance(one.by);
            clock.meddle = () => {
              perform(cache, other);
              throw new Error('the clock was let in');
            };
            try {
              perform(cache, one);
            } catch (error) {
              expect(String(error)).toMatch(/clock must be|is full/);
            }
            clock.meddle = undefined;
            const { size, ...stats } = cache.stats();
            const gone = stats.deletes + stats.evictions + stats.expirations + stats.cleared;
            expect(size).toBe(stats.inserts - gone);
            expect(size).toBeLessThanOrEqual(cache.maxEntries);
            for (const [key, value] of cache.entries()) expect(value).toBe(key);
          }
          expect(clock.refused).toBeGreaterThan(0);
          cache.clear('expired');
          const keys = [...cache.keys()];
          expect(keys.length).toBe(cache.size);
          for (const key of keys) expect(cache.delete(key)).toBe(true);
          expect(cache.size).toBe(0);
        },
      ),
      { numRuns: 15 },
    );
  });
});

test('a clock may look at the size and the statistics', () => {
  const clock = new MeddlingClock(false);
  const cache = createMemoryCache<number, number>({ clock, ttl: 10 });
  clock.meddle = () => cache.size + cache.stats().hits;
  cache.set(1, 1);
  expect([cache.get(1), clock.refused]).toEqual([1, 0]);
});
