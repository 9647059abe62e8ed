import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import type { MemoryCacheOptions } from '../../../src/memory/memory-cache-options.ts';
import type { MemoryCache } from '../../../src/memory/memory-cache.ts';

function setUp(options: MemoryCacheOptions<string, number> = {}): {
  readonly clock: ManualClock;
  readonly cache: MemoryCache<string, number>;
} {
  const clock = new ManualClock();
  return { clock, cache: createMemoryCache({ clock, ...options }) };
}

test('a new value starts a new lifetime, which may be endless', () => {
  const { clock, cache } = setUp({ ttl: 100 });
  cache.set('a', 1);
  cache.set('b', 1);
  clock.advance(60);
  cache.set('a', 2);
  cache.set('b', 2, { ttl: Infinity });
  clock.advance(99);
  expect(cache.get('a')).toBe(2);
  clock.advance(1);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.get('b')).toBe(2);
});

test('a sliding entry lives as long as it is read in time, but not beyond its ttl', () => {
  const { clock, cache } = setUp({ ttl: 100, slidingTtl: 30 });
  cache.set('read', 1);
  cache.set('left', 1);
  for (let i = 0; i < 4; i++) {
    clock.advance(24);
    expect(cache.get('read')).toBe(1);
  }
  expect(cache.get('left')).toBeUndefined();
  clock.advance(3);
  expect(cache.get('read')).toBe(1);
  clock.advance(1);
  expect(cache.get('read')).toBeUndefined();
});

test('peek, has and iteration do not make an entry slide', () => {
  const { clock, cache } = setUp({ slidingTtl: 30 });
  cache.set('a', 1);
  clock.advance(20);
  expect([cache.peek('a'), cache.has('a'), [...cache.keys()]]).toEqual([1, true, ['a']]);
  clock.advance(10);
  expect(cache.has('a')).toBe(false);
});

test('an entry whose slot slid before does not slide itself', () => {
  const { clock, cache } = setUp({ maxEntries: 1 });
  cache.set('slides', 1, { slidingTtl: 10 });
  cache.set('fixed', 2, { ttl: 10 });
  clock.advance(9);
  expect(cache.get('fixed')).toBe(2);
  clock.advance(1);
  expect(cache.get('fixed')).toBeUndefined();
});

test('remainingTtl tells the time left, without side effects', () => {
  const { clock, cache } = setUp();
  cache.set('a', 1, { ttl: 100 });
  cache.set('b', 1);
  cache.set('c', 1, { ttl: '10s', slidingTtl: 50 });
  clock.advance(40);
  expect(cache.remainingTtl('a')).toBe(60);
  expect(cache.remainingTtl('b')).toBe(Infinity);
  expect(cache.remainingTtl('c')).toBe(10);
  expect(cache.remainingTtl('d')).toBeUndefined();
  clock.advance(60);
  expect(cache.remainingTtl('a')).toBeUndefined();
  expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, size: 3 });
});

describe('in a process older than 2^31 milliseconds', () => {
  const AGE = 2 ** 31 + 12_345;

  test('entries expire on time', () => {
    const { clock, cache } = setUp({ maxEntries: 200, sweepInterval: false });
    cache.set('old', 1, { ttl: '60d' });
    clock.advance(AGE);
    cache.set('short', 2, { ttl: 100 });
    cache.set('slides', 3, { slidingTtl: 80 });
    for (let i = 0; i < 150; i++) cache.set(`grow${i}`, i, { ttl: 100 + i });
    clock.advance(60);
    expect(cache.get('slides')).toBe(3);
    clock.advance(39);
    expect(cache.get('short')).toBe(2);
    clock.advance(1);
    expect(cache.get('short')).toBeUndefined();
    expect(cache.get('slides')).toBe(3);
    expect(cache.has('grow0')).toBe(false);
    expect(cache.has('grow1')).toBe(true);
    expect(cache.remainingTtl('grow149')).toBe(149);
    expect(cache.get('old')).toBe(1);
    clock.advance(60 * 86_400_000 - AGE - 101);
    expect(cache.get('old')).toBe(1);
    clock.advance(1);
    expect(cache.get('old')).toBeUndefined();
  });

  test('what expired long ago stays expired', () => {
    const { clock, cache } = setUp({ sweepInterval: false });
    cache.set('a', 1, { ttl: 5 });
    for (const step of [10, 2 ** 31, 2 ** 31, 2 ** 32]) {
      clock.advance(step);
      expect(cache.has('a')).toBe(false);
    }
  });
});

test('the longest lifetimes are kept in full', () => {
  const { clock, cache } = setUp({ sweepInterval: false });
  cache.set('a', 1, { ttl: Number.MAX_SAFE_INTEGER });
  clock.advance(2 ** 40);
  expect(cache.get('a')).toBe(1);
});

test('a clock that runs backwards expires nothing early', () => {
  let now = 1000;
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({
    clock: {
      now: () => now,
      coarse: () => now,
      epoch: () => clock.epoch(),
      setTimer: (callback, delay) => clock.setTimer(callback, delay),
    },
  });
  now = 100;
  cache.set('a', 1, { ttl: 50 });
  expect(cache.remainingTtl('a')).toBe(50);
  now = 149;
  expect(cache.get('a')).toBe(1);
  now = 150;
  expect(cache.get('a')).toBeUndefined();
});

test('a short lifetime is counted from now even if the coarse clock lags behind', () => {
  let now = 0;
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({
    clock: {
      now: () => now,
      coarse: () => Math.max(0, now - 500),
      epoch: () => clock.epoch(),
      setTimer: (callback, delay) => clock.setTimer(callback, delay),
    },
  });
  now = 600.5;
  cache.set('a', 1, { ttl: 100 });
  now = 1200;
  expect(cache.get('a')).toBe(1);
  now = 1201;
  expect(cache.get('a')).toBeUndefined();
});

describe('in a process that is weeks old', () => {
  const DAY = 86_400_000;

  test('lifetimes that began before are kept to the millisecond', () => {
    const { clock, cache } = setUp();
    cache.set('word', 1, { ttl: '20d' });
    cache.set('beyond', 1, { ttl: '40d' });
    cache.set('slides', 1, { ttl: '20d', slidingTtl: '19d' });
    cache.set('over', 1, { ttl: '1d' });
    clock.advance(13 * DAY);
    expect(cache.get('slides')).toBe(1);
    cache.set('new', 1, { ttl: '1h' });
    expect([...cache.keys()]).toEqual(['word', 'beyond', 'slides', 'new']);
    clock.advance(7 * DAY - 1);
    expect([...cache.keys()]).toEqual(['word', 'beyond', 'slides']);
    clock.advance(1);
    expect([...cache.keys()]).toEqual(['beyond']);
    cache.set('newer', 1, { ttl: '1h' });
    clock.advance(20 * DAY - 1);
    expect(cache.has('beyond')).toBe(true);
    clock.advance(1);
    expect(cache.has('beyond')).toBe(false);
  });

  test('adaptive hits as often as in a new one', () => {
    const hits = (age: number): number => {
      const clock = new ManualClock();
      const cache = createMemoryCache<number, number>({
        clock,
        maxEntries: 200,
        ttl: 200,
        seed: 0,
      });
      clock.advance(age);
      for (let i = 0; i < 20_000; i++) {
        clock.advance(1);
        const key = Math.imul(i, i) % 401;
        if (cache.get(key) === undefined) cache.set(key, i);
      }
      return cache.stats().hits;
    };
    expect(hits(26 * DAY)).toBe(hits(0));
  });
});

test('what is stored while a broken clock says NaN is not kept for ever', () => {
  let time = 5;
  const timers = new ManualClock();
  const clock = {
    now: () => time,
    coarse: () => time,
    epoch: () => time,
    setTimer: timers.setTimer.bind(timers),
  };
  const cache = createMemoryCache<string, number>({ clock, ttl: 2000, sweepInterval: false });
  cache.set('kept', 1);
  time = Number.NaN;
  cache.set('lost', 1);
  cache.set('slides', 1, { slidingTtl: 1500 });
  time = 10;
  expect([cache.get('kept'), cache.get('lost'), cache.get('slides')]).toEqual([
    1,
    undefined,
    undefined,
  ]);
});
