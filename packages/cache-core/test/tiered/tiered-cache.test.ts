import { ConfigError, createDeferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, expect, test } from 'vitest';
import { CacheMissError, createCache, type TieredCache } from '../../src/index.ts';
import { createReferenceBackend, referenceStore } from '../../src/testing.ts';

let open: TieredCache<unknown>[] = [];
afterEach(async () => {
  await Promise.all(open.map((cache) => cache.close()));
  open = [];
});
function track<V>(cache: TieredCache<V>): TieredCache<V> {
  open.push(cache as TieredCache<unknown>);
  return cache;
}

test('a value is loaded once and then served from memory', async () => {
  const cache = track(createCache<number>());
  let loads = 0;
  const load = (): number => ++loads;
  expect(await cache.getOrSet('a', load)).toBe(1);
  expect(await cache.getOrSet('a', load)).toBe(1);
  expect(cache.getLocal('a')).toBe(1);
  expect(cache.stats()).toMatchObject({ hits: 2, misses: 1, loads: 1 });
});

test('a thousand callers share one load', async () => {
  const cache = track(createCache<number>());
  const gate = createDeferred<number>();
  let loads = 0;
  const callers = Array.from({ length: 1000 }, () =>
    cache.getOrSet('a', () => {
      loads++;
      return gate.promise;
    }),
  );
  await settle();
  gate.resolve(7);
  expect(new Set(await Promise.all(callers))).toEqual(new Set([7]));
  expect(loads).toBe(1);
});

test('a second cache finds in the store what the first has loaded', async () => {
  const clock = new ManualClock();
  const backend = createReferenceBackend({ clock });
  const a = track(createCache<number>({ stores: [referenceStore({ backend })], clock }));
  const b = track(createCache<number>({ stores: [referenceStore({ backend })], clock }));
  expect(await a.getOrSet('k', () => 1)).toBe(1);
  expect(await b.getOrSetResult('k', () => 2)).toMatchObject({ state: 'hit', value: 1 });
  await a.delete('k');
  expect(await b.get('k')).toBe(1);
  clock.advance(101);
  expect(await b.get('k')).toBe(undefined);
});

test('getOrThrow tells why there is nothing', async () => {
  const cache = track(createCache<number>());
  await expect(cache.getOrThrow('a')).rejects.toThrow(CacheMissError);
});

test('options that are not right are refused with their name', () => {
  expect(() => createCache({ ttl: 0 })).toThrow(ConfigError);
});
