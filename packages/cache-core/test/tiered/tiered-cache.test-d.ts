import { assertType, describe, expectTypeOf, test } from 'vitest';
import {
  createCache,
  type CacheHit,
  type CacheMiss,
  type Outcome,
  type Reservation,
  type TieredCache,
} from '../../src/index.ts';

interface User {
  readonly name: string;
}

const cache = createCache<User>();

describe('reads', () => {
  test('give what the cache holds', () => {
    expectTypeOf(cache).toEqualTypeOf<TieredCache<User>>();
    expectTypeOf(cache.get('k')).resolves.toEqualTypeOf<User | undefined>();
    expectTypeOf(cache.getLocal('k')).toEqualTypeOf<User | undefined>();
    expectTypeOf(cache.getOrThrow('k')).resolves.toEqualTypeOf<User>();
    expectTypeOf(cache.getMany(['k'])).resolves.toEqualTypeOf<Map<string, User>>();
  });

  test('tell a hit from a miss by state', async () => {
    const result = await cache.getResult('k');
    if (result.state === 'miss') expectTypeOf(result).toEqualTypeOf<CacheMiss>();
    else expectTypeOf(result).toEqualTypeOf<CacheHit<User>>();
    const loaded = await cache.getOrSetResult('k', () => ({ name: 'Ann' }));
    expectTypeOf(loaded.value).toEqualTypeOf<User>();
  });
});

describe('loads', () => {
  test('return the value of the cache, from a value or a promise', () => {
    expectTypeOf(cache.getOrSet('k', () => ({ name: 'Ann' }))).resolves.toEqualTypeOf<User>();
    expectTypeOf(cache.getOrSet('k', async () => ({ name: 'Ann' }))).resolves.toEqualTypeOf<User>();
    // @ts-expect-error -- not a user
    void cache.getOrSet('k', () => 5);
    // @ts-expect-error -- nothing
    void cache.getOrSet('k', () => undefined);
    void createCache<User | undefined>().getOrSet('k', () => undefined);
  });

  test('hand the loader its context', () => {
    void cache.getOrSet('k', ({ key, signal, previous, setTtl, tag, skip }) => {
      expectTypeOf(key).toBeString();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(previous).toEqualTypeOf<User | undefined>();
      setTtl('5m');
      // @ts-expect-error -- not a duration
      setTtl('5 potatoes');
      tag('a', 'b');
      skip();
      return { name: 'Ann' };
    });
  });

  test('say of their entry that it is negative or unchanged', () => {
    const users = createCache<User | null>({ negativeTtl: '10s' });
    void users.getOrSet('k', ({ previous, negative, unchanged }) => {
      if (previous !== undefined) return unchanged();
      negative('5s');
      // @ts-expect-error -- not a duration
      negative('5 potatoes');
      return null;
    });
    void cache.getOrSet('k', ({ unchanged }) => unchanged());
  });

  test('of many take and give maps', () => {
    const values = cache.getOrSetMany(['k'], async (keys, { signal, of }) => {
      expectTypeOf(keys).toEqualTypeOf<readonly string[]>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(of('k').previous).toEqualTypeOf<User | undefined>();
      return new Map<string, User>();
    });
    expectTypeOf(values).resolves.toEqualTypeOf<Map<string, User>>();
  });
});

test('a key that is reserved is a hit, or a miss to be filled', async () => {
  const result = await cache.reserve('k', { ttl: '1h' });
  if (result.state !== 'miss') {
    expectTypeOf(result).toEqualTypeOf<CacheHit<User>>();
    return;
  }
  expectTypeOf(result).toEqualTypeOf<Reservation<User>>();
  expectTypeOf(result.fill({ name: 'Ann' })).resolves.toEqualTypeOf<'stored' | 'discarded'>();
  // @ts-expect-error -- not a user
  void result.fill(5);
});

test('writes resolve to an outcome, writeThrough to the value', () => {
  expectTypeOf(
    cache.set('k', { name: 'Ann' }, { ttl: '1h', tags: ['t'] }),
  ).resolves.toEqualTypeOf<Outcome>();
  expectTypeOf(cache.delete('k')).resolves.toEqualTypeOf<Outcome>();
  expectTypeOf(
    cache.writeThrough('k', async () => ({ name: 'Ann' })),
  ).resolves.toEqualTypeOf<User>();
  // @ts-expect-error -- not a user
  void cache.set('k', 5);
  // @ts-expect-error -- not a kind of clearing
  void cache.clear('some');
  // @ts-expect-error -- only 'stale' can be kept
  void cache.invalidateTags(['t'], { keep: 'fresh' });
});

test('options take durations as numbers or as text with a unit', () => {
  assertType(createCache({ ttl: 500, staleWhileRevalidate: '1.5s', isolated: { serve: '30s' } }));
  assertType(
    createCache<User>({ memory: { weigh: (user, key) => user.name.length + key.length } }),
  );
  assertType(createCache({ memory: false }));
  // @ts-expect-error -- not a duration
  createCache({ ttl: '5 potatoes' });
  assertType(
    createCache({
      slidingTtl: '1m',
      jitter: 0.1,
      earlyRefresh: { beta: 2 },
      staleIfError: { for: '1h', retryAfter: '5s' },
      loadTimeout: { soft: 100, hard: '5s' },
    }),
  );
  // @ts-expect-error -- no such option of staleIfError
  createCache({ staleIfError: { fro: '1h' } });
  // @ts-expect-error -- no such option
  createCache({ tll: 5 });
  // @ts-expect-error -- no such option of the memory tier
  createCache({ memory: { ttl: 5 } });
  // @ts-expect-error -- no such policy
  createCache({ memory: { policy: 'best' } });
});
