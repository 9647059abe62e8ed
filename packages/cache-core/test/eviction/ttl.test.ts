import { ManualClock } from '@perf/core/testing';
import { expect, test, vi } from 'vitest';
import { CacheFullError } from '../../src/errors.ts';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import { Lifetimes } from '../../src/memory/entries/lifetimes.ts';

const DAY = 86_400_000;

test('expired entries make room in a process that is weeks old, whenever they came', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({
    policy: 'ttl',
    maxEntries: 3,
    clock,
    sweepInterval: false,
  });
  clock.advance(12 * DAY);
  cache.set('early', 1, { ttl: '10h' });
  cache.set('late', 2, { ttl: '20h' });
  cache.set('slides', 3, { slidingTtl: '15h' });
  clock.advance(14 * 3_600_000);
  cache.get('slides');
  // Over is what came before lifetimes were counted from a new start, and what is due after it.
  cache.set('new', 4, { ttl: '1h' });
  clock.advance(3_600_000);
  cache.set('newer', 5, { ttl: '100d' });
  expect([...cache.keys()]).toEqual(['late', 'slides', 'newer']);
  expect(() => cache.set('newest', 6)).toThrow(CacheFullError);
  clock.advance(5 * 3_600_000);
  cache.set('newest', 6);
  expect([...cache.keys()]).toEqual(['slides', 'newer', 'newest']);
});

test('however many entries were read since, room is looked for at one of them', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<number, number>({
    policy: 'ttl',
    maxEntries: 1000,
    slidingTtl: 100,
    clock,
    sweepInterval: false,
  });
  for (let key = 0; key < 1000; key++) cache.set(key, key);
  clock.advance(60);
  for (let key = 0; key < 999; key++) cache.get(key);
  clock.advance(60);
  const looks = vi.spyOn(Lifetimes.prototype, 'expiryOf');
  cache.set(1000, 1000);
  expect(looks.mock.calls.length).toBeLessThan(5);
  looks.mockRestore();
  expect(cache.has(999)).toBe(false);
  expect(cache.size).toBe(1000);
});
