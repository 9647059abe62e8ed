import { ManualClock } from '@perf/core/testing';
import { expect, test, vi } from 'vitest';
import { CacheState } from '../../src/memory/cache-state.ts';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import { LruMemoryCache } from '../../src/memory/policies/lru-memory-cache.ts';
import {
  resolveMemoryCacheOptions,
  type MemoryCacheOptions,
} from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache } from '../../src/memory/memory-cache.ts';

function setUp(options: MemoryCacheOptions<string, unknown> = {}): {
  readonly clock: ManualClock;
  readonly cache: MemoryCache<string, unknown>;
  readonly removed: unknown[];
} {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, unknown>({
    clock,
    policy: 'lru',
    maxEntries: 3,
    ...options,
  });
  const removed: unknown[] = [];
  cache.on('remove', ({ key, value, reason }) => removed.push([key, value, reason]));
  return { clock, cache, removed };
}

test('an event that there is not is refused, with the one that there is', () => {
  const { cache } = setUp();
  expect(() => cache.on('evict' as never, () => {})).toThrow(
    'event must be one of \'remove\', got "evict"',
  );
});

test('every way to leave has its reason', () => {
  const { clock, cache, removed } = setUp();
  cache.set('a', 1);
  cache.set('a', 2);
  cache.set('b', 3, { ttl: 10 });
  cache.set('c', 4);
  cache.set('d', 5);
  clock.advance(10);
  cache.get('b');
  cache.delete('c');
  cache.set('e', 6);
  cache.invalidateWhere((value) => value === 6);
  cache.clear();
  expect(removed).toEqual([
    ['a', 1, 'replaced'],
    ['a', 2, 'evicted'],
    ['b', 3, 'expired'],
    ['c', 4, 'deleted'],
    ['e', 6, 'deleted'],
    ['d', 5, 'cleared'],
  ]);
});

test('setting the very same value again replaces nothing', () => {
  const { cache, removed } = setUp();
  const value = {};
  cache.set('a', value);
  cache.set('a', value);
  expect(removed).toEqual([]);
  expect(cache.stats().updates).toBe(1);
});

test('a listener is told once the operation is complete', () => {
  const { cache } = setUp();
  const seen: unknown[] = [];
  cache.on('remove', () => seen.push([...cache.keys()]));
  for (const key of 'abcd') cache.set(key, key);
  expect(seen).toEqual([['b', 'c', 'd']]);
});

test('a listener may use the cache; what it removes is told in a later turn', () => {
  const { clock, cache, removed } = setUp();
  const unsubscribe = cache.on('remove', ({ key, value }) => {
    cache.set(key, value);
  });
  for (const key of 'abcd') cache.set(key, key);
  expect(removed).toEqual([['a', 'a', 'evicted']]);
  expect([...cache.keys()]).toEqual(['c', 'd', 'a']);
  clock.advance(1);
  expect(removed.length).toBeGreaterThan(1);
  unsubscribe();
  clock.advance(1);
  const told = removed.length;
  clock.advance(1000);
  expect(removed).toHaveLength(told);
  expect(clock.pendingTimers).toBe(0);
  expect(cache.size).toBe(3);
});

test('a listener that puts every entry back holds up nobody', () => {
  // After close there is no way back, and the listener's failure to find one is a warning.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const clock = new ManualClock();
  const cache = createMemoryCache<number, number>({ clock, maxEntries: 3 });
  cache.on('remove', ({ key, value, reason }) => {
    if (reason === 'evicted') cache.set(key, value);
  });
  for (let i = 0; i < 10; i++) cache.set(i, i);
  expect(cache.size).toBe(3);
  cache.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a listener that throws breaks neither the cache nor other listeners', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock, maxEntries: 1 });
  const removed: string[] = [];
  cache.on('remove', () => {
    throw new Error('listener');
  });
  cache.on('remove', ({ key }) => removed.push(key));
  cache.set('a', 1);
  expect(cache.set('b', 2)).toBe(true);
  expect(removed).toEqual(['a']);
  expect(warn).toHaveBeenCalledTimes(1);
});

test('without listeners nothing is kept to be told later', () => {
  const { cache, removed } = setUp();
  const late: string[] = [];
  cache.on('remove', () => {})();
  cache.set('a', 1);
  cache.delete('a');
  cache.on('remove', ({ key }) => late.push(key));
  cache.set('b', 1);
  cache.delete('b');
  expect(removed).toHaveLength(2);
  expect(late).toEqual(['b']);
});

test('close tells what it clears, then no listener is called', () => {
  const { cache, removed } = setUp();
  cache.set('a', 1);
  cache.close();
  expect(removed).toEqual([['a', 1, 'cleared']]);
});

test('a listener may close the cache', () => {
  const { cache, removed } = setUp();
  cache.on('remove', () => {
    cache.close();
  });
  for (const key of 'abcd') cache.set(key, key);
  expect(cache.size).toBe(0);
  expect(removed).toEqual([
    ['a', 'a', 'evicted'],
    ['b', 'b', 'cleared'],
    ['c', 'c', 'cleared'],
    ['d', 'd', 'cleared'],
  ]);
});

test('NaN over NaN is no replacement, and NaN can be invalidated', () => {
  const cache = createMemoryCache<string, number>({ policy: 'lru' });
  const removed: string[] = [];
  cache.on('remove', ({ key, reason }) => removed.push(`${key} ${reason}`));
  cache.set('a', Number.NaN);
  cache.set('a', Number.NaN);
  cache.set('b', 1);
  expect(removed).toEqual([]);
  expect(cache.invalidateWhere(Number.isNaN)).toBe(1);
  cache.set('a', Number.NaN);
  expect(cache.invalidatePattern('*')).toBe(2);
  expect(removed).toEqual(['a deleted', 'b deleted', 'a deleted']);
});

test('a cache that nobody listens to any more replaces values as before anyone did', () => {
  const settings = resolveMemoryCacheOptions<string, number>({ policy: 'lru' });
  const state = new CacheState<string, number>(settings, 1);
  const cache = new LruMemoryCache(state);
  const stops = [cache.on('remove', () => {}), cache.on('remove', () => {})];
  stops[0]?.();
  expect(state.removals).toBeDefined();
  stops[1]?.();
  expect(state.removals).toBeUndefined();
  const heard: unknown[] = [];
  const stop = cache.on('remove', ({ key, reason }) => {
    stop();
    heard.push([key, reason]);
  });
  cache.set('a', 1);
  cache.set('a', 2);
  cache.set('a', 3);
  expect(heard).toEqual([['a', 'replaced']]);
  expect(state.removals).toBeUndefined();
});
