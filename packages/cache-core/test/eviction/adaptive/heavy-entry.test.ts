import { seededRandom } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import type { MemoryCache } from '../../../src/memory/memory-cache.ts';
import { shardedCache } from '../../memory/sharded-cache.ts';

/** Reads through so often, and says how many per cent were hits. */
function hitRate(
  cache: MemoryCache<string, number>,
  length: number,
  keyAt: (random: () => number, i: number) => string,
  weigh: (key: string) => number,
): number {
  const random = seededRandom(1);
  let hits = 0;
  for (let i = 0; i < length; i++) {
    const key = keyAt(random, i);
    if (cache.get(key) !== undefined) hits++;
    else cache.set(key, i, { weight: weigh(key) });
  }
  return (100 * hits) / length;
}

const light = (random: () => number): string => `light:${Math.floor(5000 ** random())}`;

test('entries as heavy as the cache, each wanted once, leave nearly as many hits as there would be without', () => {
  const create = (): MemoryCache<string, number> =>
    createMemoryCache<string, number>({ maxBytes: 50_000, seed: 0 });
  const weigh = (key: string): number => (key.startsWith('giant') ? 50_000 : 100);
  const without = hitRate(create(), 50_000, light, weigh);
  const cache = create();
  const keyAt = (random: () => number, i: number): string =>
    i % 500 === 499 ? `giant:${i}` : light(random);
  expect(hitRate(cache, 50_000, keyAt, weigh)).toBeGreaterThan(without - 3);
  expect(cache.stats().refused).toBeGreaterThan(90);
});

test('a heavy entry that is wanted more than all that it drives out comes in', () => {
  const cache = createMemoryCache<string, number>({ maxBytes: 50_000, seed: 0 });
  for (let i = 0; i < 100; i++) cache.set(`light:${i}`, i, { weight: 500 });
  for (let i = 0; i < 100; i++) cache.get(`light:${i}`);
  let refusals = 0;
  while (!cache.set('heavy', 0, { weight: 6000 }) && refusals < 100) refusals++;
  expect(refusals).toBeGreaterThan(0);
  expect(refusals).toBeLessThan(20);
  expect(cache.get('heavy')).toBe(0);
});

test('an entry that is refused leaves nothing under its key, and everything under others', () => {
  const cache = createMemoryCache<string, number>({ maxBytes: 10_000, seed: 0 });
  for (let i = 0; i < 100; i++) cache.set(`k${i}`, i, { weight: 100 });
  for (let i = 0; i < 100; i++) cache.get(`k${i}`);
  expect(cache.set('heavy', 0, { weight: 9000 })).toBe(false);
  expect([cache.has('heavy'), cache.size]).toEqual([false, 100]);
  expect(cache.stats()).toMatchObject({ refused: 1, evictions: 0 });
});

test('after the entries have become a thousand times as heavy, hits are soon nearly as many as before', () => {
  const cache = createMemoryCache<string, number>({ maxBytes: 1_000_000, seed: 0 });
  const heavy = (random: () => number): string => `heavy:${Math.floor(5000 ** random())}`;
  const weigh = (key: string): number => (key.startsWith('heavy') ? 10_000 : 10);
  hitRate(cache, 30_000, heavy, weigh);
  const before = hitRate(cache, 30_000, heavy, weigh);
  for (let i = 0; i < 4; i++) hitRate(cache, 60_000, (random) => `${light(random)}${i}`, weigh);
  hitRate(cache, 60_000, heavy, weigh);
  expect(hitRate(cache, 30_000, heavy, weigh)).toBeGreaterThan(before - 6);
});

test('a few heavy entries in many shards are gathered, and hit as in one', () => {
  const options = { maxBytes: 64, seed: 0 };
  const keyAt = (random: () => number): string => `k${Math.floor(1000 ** random())}`;
  const inOne = hitRate(createMemoryCache(options), 60_000, keyAt, () => 1);
  const inMany = hitRate(
    shardedCache<string, number>(16, options, (count, { entries }) =>
      entries < 4 * count ? count : 1,
    ),
    60_000,
    keyAt,
    () => 1,
  );
  const scattered = hitRate(shardedCache<string, number>(16, options), 60_000, keyAt, () => 1);
  expect(inMany).toBeGreaterThan(inOne - 2);
  expect(scattered).toBeLessThan(inOne - 4);
});
