import { ConfigError } from '@perf/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, type LoadContext, type TieredCacheOptions } from '../../src/index.ts';
import { Fleet, never } from '../tiered/fleet.ts';

type Value = { readonly n: number } | null;
const none = ({ negative }: LoadContext<Value>): null => {
  negative();
  return null;
};

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

function join(options: TieredCacheOptions<Value> = {}) {
  return fleet.join<Value>({ ttl: 10_000, negativeTtl: 100, ...options });
}

describe('a negative result', () => {
  it('is kept for negativeTtl, in every tier and instance, and says that it is one', async () => {
    const { cache } = join();
    const other = join();
    expect(await cache.getOrSetResult('k', none)).toMatchObject({
      state: 'miss',
      value: null,
      negative: true,
    });
    fleet.clock.advance(99);
    for (const { cache: each } of [{ cache }, other]) {
      expect(await each.getOrSetResult('k', never)).toMatchObject({
        state: 'hit',
        value: null,
        negative: true,
      });
      expect(await each.getResult('k')).toMatchObject({ negative: true });
    }
    fleet.clock.advance(1);
    expect(await cache.get('k')).toBeUndefined();
    expect(await other.cache.get('k')).toBeUndefined();
    expect(cache.stats().negatives).toBe(1);
  });

  it('is not marked where the loader did not say so', async () => {
    const { cache } = join();
    await cache.getOrSet('k', () => null);
    fleet.clock.advance(100);
    expect(await cache.getResult('k')).not.toHaveProperty('negative');
    expect(await cache.get('k')).toBeNull();
  });

  it.each([
    ['the ttl that it is given', { negativeTtl: 100 }, '10s', 10_000],
    ["never longer than the entry's ttl otherwise", { negativeTtl: '1h' }, undefined, 5000],
    ['30 s by default', { ttl: '1h' }, undefined, 30_000],
  ] as const)('is kept for %s', async (_, options, ttl, expected) => {
    const { cache } = fleet.join<Value>({ ttl: 5000, ...options });
    await cache.getOrSet('k', ({ negative }) => {
      negative(ttl);
      return null;
    });
    fleet.clock.advance(expected - 1);
    expect(await cache.has('k')).toBe(true);
    fleet.clock.advance(1);
    expect(await cache.has('k')).toBe(false);
  });

  it('is never served stale', async () => {
    const { cache } = join({ staleWhileRevalidate: '1h', staleIfError: { for: '1h' } });
    await cache.getOrSet('k', none);
    fleet.clock.advance(100);
    expect(await cache.get('k')).toBeUndefined();
    await expect(cache.getOrSet('k', never)).rejects.toThrow('must not be called');
  });

  it('has to be a value', async () => {
    const cache = createCache<undefined>();
    const load = ({ negative }: LoadContext<undefined>): undefined => {
      negative();
      return undefined;
    };
    await expect(cache.getOrSet('k', load)).rejects.toThrow(ConfigError);
    await cache.close();
  });

  it('can be told of each of many keys', async () => {
    const { cache } = join();
    const values = await cache.getOrSetMany(['a', 'b', 'c'], (_, { of }) => {
      of('a').negative();
      of('b').tag('t');
      return new Map<string, Value>([
        ['a', null],
        ['b', { n: 1 }],
      ]);
    });
    expect([...values]).toEqual([
      ['a', null],
      ['b', { n: 1 }],
    ]);
    fleet.clock.advance(100);
    expect([...(await cache.getMany(['a', 'b', 'c'])).keys()]).toEqual(['b']);
    await cache.invalidateTags(['t']);
    expect(await cache.has('b')).toBe(false);
    await expect(
      cache.getOrSetMany(['a'], (_, { of }) => {
        of('z').skip();
        return new Map();
      }),
    ).rejects.toThrow(ConfigError);
  });
});

describe('a value that is unchanged', () => {
  const KEPT = { ttl: 1000, staleIfError: { for: '1h' } } as const;

  it('is kept by reference, with new times and its tags', async () => {
    const { cache } = join(KEPT);
    const value = { n: 1 };
    await cache.set('k', value, { tags: ['t'] });
    fleet.clock.advance(5000);
    const result = await cache.getOrSetResult('k', ({ unchanged }) => unchanged());
    expect(result.value).toBe(value);
    expect(result.expiresAt).toBe(fleet.clock.epoch() + 1000);
    expect(cache.getLocal('k')).toBe(value);
    expect(await join(KEPT).cache.get('k')).toEqual(value);
    await cache.invalidateTags(['t']);
    expect(await cache.get('k')).toBeUndefined();
  });

  it('may be told so where only a store has it, by any instance', async () => {
    const { cache } = join(KEPT);
    await cache.set('k', { n: 1 });
    fleet.clock.advance(5000);
    const other = join(KEPT).cache;
    expect(await other.getOrSet('k', ({ unchanged }) => unchanged())).toEqual({ n: 1 });
    expect(await join(KEPT).cache.getOrSetResult('k', never)).toMatchObject({ state: 'hit' });
  });

  it('may take a ttl, more tags, and be refreshed in the background', async () => {
    const { cache } = join({ ...KEPT, staleWhileRevalidate: 500 });
    await cache.set('k', { n: 1 }, { tags: ['t'] });
    fleet.clock.advance(1200);
    await cache.getOrSet('k', ({ unchanged, setTtl, tag }) => {
      setTtl(50);
      tag('u');
      return unchanged();
    });
    await fleet.clock.advanceAsync(49);
    expect(cache.getLocal('k')).toEqual({ n: 1 });
    expect((await cache.explain('k')).tiers[0]?.tags).toEqual(['u', 't']);
    fleet.clock.advance(1);
    expect(cache.getLocal('k')).toBeUndefined();
  });

  it('cannot be told where there is no value', async () => {
    const { cache } = join(KEPT);
    await expect(cache.getOrSet('k', ({ unchanged }) => unchanged())).rejects.toThrow(ConfigError);
    await cache.set('k', { n: 1 }, { tags: ['t'] });
    await cache.invalidateTags(['t']);
    await expect(cache.getOrSet('k', ({ unchanged }) => unchanged())).rejects.toThrow(ConfigError);
  });

  it('counts for nothing when the key was invalidated while the loader asked', async () => {
    const { cache } = join(KEPT);
    await cache.set('k', { n: 1 }, { tags: ['t'] });
    fleet.clock.advance(5000);
    const loading = cache.getOrSet('k', async ({ unchanged }) => {
      await cache.invalidateTags(['t']);
      return unchanged();
    });
    expect(await loading).toEqual({ n: 1 });
    expect(await cache.get('k')).toBeUndefined();
    expect(await join(KEPT).cache.get('k')).toBeUndefined();
  });

  it('can be told of each of many keys', async () => {
    const { cache } = join(KEPT);
    const a = { n: 1 };
    await cache.set('a', a);
    fleet.clock.advance(5000);
    const values = await cache.getOrSetMany(['a', 'b'], (keys, { of }) => {
      const pairs = keys.map((key): [string, Value] => {
        const { previous, unchanged } = of(key);
        return [key, previous === undefined ? { n: 2 } : unchanged()];
      });
      return new Map(pairs);
    });
    expect(values.get('a')).toBe(a);
    expect(values.get('b')).toEqual({ n: 2 });
    expect(cache.getLocal('a')).toBe(a);
  });
});
