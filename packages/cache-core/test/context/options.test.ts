import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { createCache, jsonCodec, type TieredCacheOptions } from '../../src/index.ts';
import { referenceStore } from '../../src/testing.ts';

type Options = TieredCacheOptions<unknown>;

const NO_DURATION = [-1, Number.NaN, 1.5, '5 potatoes', '', null, {}];
const DURATIONS: readonly [string, (value: unknown) => object, readonly unknown[]][] = [
  ['ttl', (ttl) => ({ ttl }), [0]],
  ['slidingTtl', (slidingTtl) => ({ slidingTtl }), [0]],
  ['negativeTtl', (negativeTtl) => ({ negativeTtl }), [0]],
  ['staleWhileRevalidate', (value) => ({ staleWhileRevalidate: value }), [Infinity]],
  ['staleIfError.for', (value) => ({ staleIfError: { for: value } }), [Infinity]],
  ['staleIfError.retryAfter', (value) => ({ staleIfError: { retryAfter: value } }), [Infinity]],
  ['loadTimeout.soft', (soft) => ({ loadTimeout: { soft } }), [0, '31s', Infinity]],
  ['loadTimeout.hard', (hard) => ({ loadTimeout: { hard } }), [0, Infinity]],
  ['leaseWait', (leaseWait) => ({ leaseWait }), [0, Infinity]],
  ['storeTimeout', (storeTimeout) => ({ storeTimeout }), [0, Infinity]],
  ['pollInterval', (pollInterval) => ({ pollInterval }), [0, Infinity]],
  ['isolated.serve', (serve) => ({ isolated: { serve } }), [Infinity]],
];

function refusalOf(options: object): ConfigError {
  try {
    createCache(options as Options);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('an option that is not right is refused with its name', () => {
  for (const [name, make, more] of DURATIONS) {
    // `null` and `undefined` stand for the default.
    const wrong = [...NO_DURATION.filter((value) => value !== null), ...more];
    it.each(wrong)(`${name}: %s`, (value) => {
      expect(refusalOf(make(value)).option).toBe(name);
    });
  }

  it.each([0, -1, 1.5, Number.NaN, '5', Infinity])('loadConcurrency: %s', (loadConcurrency) => {
    expect(refusalOf({ loadConcurrency }).option).toBe('loadConcurrency');
  });

  it.each([-0.1, 1.1, Number.NaN, '0.5', {}])('jitter: %s', (jitter) => {
    expect(refusalOf({ jitter }).option).toBe('jitter');
  });

  it.each([
    ['earlyRefresh', 1],
    ['earlyRefresh', 'yes'],
    ['earlyRefresh.beta', { beta: -1 }],
    ['earlyRefresh.beta', { beta: Infinity }],
    ['earlyRefresh.bate', { bate: 1 }],
  ])('%s: %s', (name, earlyRefresh) => {
    expect(refusalOf({ earlyRefresh }).option).toBe(name);
  });

  it.each([-1, 1.5, 2 ** 32, 'x'])('seed: %s', (seed) => {
    expect(refusalOf({ seed }).option).toBe('seed');
  });

  it.each(['', 1, {}])('name: %s', (name) => {
    expect(refusalOf({ name }).option).toBe('name');
  });

  it.each([0, -1, 1.5, '5 potatoes'])('maxDecodedBytes: %s', (maxDecodedBytes) => {
    expect(refusalOf({ maxDecodedBytes }).option).toBe('maxDecodedBytes');
  });

  it.each([
    ['maxEntries', 0],
    ['maxEntries', 1.5],
    ['maxBytes', '5 potatoes'],
    ['policy', 'best'],
    ['sweepInterval', 0],
    ['weigh', 5],
    ['weigh', () => 1],
  ])('memory.%s: %s', (name, value) => {
    expect(refusalOf({ memory: { [name]: value } }).option).toBe(`memory.${name}`);
  });

  it.each([[null], [[]], ['cities'], [5]])('all of them: %j', (options) => {
    expect(refusalOf(options as unknown as object).option).toBe('createCache');
  });

  it.each([[null], [[]], [5]])('memory: %j', (memory) => {
    expect(refusalOf({ memory }).option).toMatch(/^(?:createCache\.)?memory$/);
  });

  it.each([
    ['createCache.tll', { tll: 1 }],
    ['memory.ttl', { memory: { ttl: 1 } }],
    ['loadTimeout.sotf', { loadTimeout: { sotf: 1 } }],
    ['staleIfError.fro', { staleIfError: { fro: 1 } }],
    ['isolated.sever', { isolated: { sever: 1 } }],
  ])('that does not exist: %s', (name, options) => {
    expect(refusalOf(options).option).toBe(name);
  });

  it.each([
    ['codec', { codec: 'json' }],
    ['codec.id', { codec: { ...jsonCodec, id: 0 } }],
    ['storePolicy', { storePolicy: {} }],
    ['stores', { stores: 'redis' }],
    ['stores', { stores: [{}] }],
    ['stores', { stores: [undefined] }],
  ])('%s (%#)', (name, options) => {
    expect(refusalOf(options).option).toBe(name);
  });
});

describe('a store', () => {
  it('serves one cache only, and is not taken by a cache that could not be made', async () => {
    const store = referenceStore();
    expect(refusalOf({ stores: [store], ttl: 0 }).option).toBe('ttl');
    const cache = createCache({ stores: [store] });
    expect(refusalOf({ stores: [store] }).message).toContain('serves another cache');
    await cache.close();
  });

  it('has a name of its own', () => {
    const names = [
      ['same', 'same'],
      ['memory', 'a'],
      ['a', 'loader'],
    ];
    for (const pair of names) {
      const stores = pair.map((name) => referenceStore({ name }));
      expect(refusalOf({ stores }).message).toContain('different names');
    }
  });

  it('is refused when it is given twice', () => {
    const store = referenceStore();
    expect(refusalOf({ stores: [store, store] }).option).toBe('stores');
  });
});

it('a cache without options keeps values for five minutes in memory', async () => {
  const clock = new ManualClock();
  const cache = createCache<number>({ clock });
  expect(cache.name).toBe('cache');
  await cache.set('k', 1);
  clock.advance(5 * 60_000 - 1);
  expect(cache.getLocal('k')).toBe(1);
  clock.advance(1);
  expect(cache.getLocal('k')).toBeUndefined();
  await cache.close();
});

describe('options of one call', () => {
  it.each([
    ['ttl', { ttl: 0 }],
    ['ttl', { ttl: '5 potatoes' }],
    ['tags', { tags: 'a' }],
    ['tags', { tags: [''] }],
  ])('are refused as well: %s (%#)', async (option, wrong) => {
    const cache = createCache<number>();
    const options = wrong as never;
    const calls = [
      cache.set('k', 1, options),
      cache.setMany([['k', 1]], options),
      cache.getOrSet('k', () => 1, options),
      cache.getOrSetMany(['k'], () => new Map(), options),
      cache.writeThrough('k', async () => 1, options),
      cache.warm([['k', 1]], options),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ reason: { option } });
    }
    expect(cache.stats().size).toBe(0);
    await cache.close();
  });

  it.each(['', '\ud800', 1, undefined])('need a key: %s', async (wrong) => {
    const cache = createCache<number>();
    const key = wrong as string;
    const calls = [
      cache.get(key),
      cache.getResult(key),
      cache.getOrThrow(key),
      cache.getOrSet(key, () => 1),
      cache.getOrSetResult(key, () => 1),
      cache.getMany([key]),
      cache.getOrSetMany([key], () => new Map()),
      cache.has(key),
      cache.set(key, 1),
      cache.setMany([[key, 1]]),
      cache.delete(key),
      cache.deleteMany([key]),
      cache.writeThrough(key, async () => 1),
      cache.explain(key),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ reason: { code: 'PERF_CACHE_KEY' } });
    }
    await cache.close();
  });
});
