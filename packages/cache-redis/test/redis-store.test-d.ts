import type { CacheStore, InvalidationBus } from '@perf/cache-core';
import type * as ioredis5 from 'ioredis';
import type * as ioredis6 from 'ioredis-6';
import { expectTypeOf, test } from 'vitest';
import {
  redisBus,
  redisStore,
  type RedisBus,
  type RedisClient,
  type RedisStore,
} from '../src/index.ts';

declare const clients: readonly [
  ioredis5.Redis,
  ioredis5.Cluster,
  ioredis6.Redis,
  ioredis6.Cluster,
];

test('the clients of ioredis 5 and 6 are clients', () => {
  expectTypeOf<(typeof clients)[number]>().toExtend<RedisClient>();
  redisStore({ client: clients[0], prefix: 'p' });
  redisBus({ client: clients[3], prefix: 'p' });
  // @ts-expect-error an address is not
  redisStore({ client: 'redis://localhost', prefix: 'p' });
});

test('the store is a CacheStore with its optional parts, the bus an InvalidationBus', () => {
  type Parts = 'starting' | 'touchMany' | 'keys' | 'watch' | 'sever' | 'fencing';
  expectTypeOf<RedisStore>().toExtend<CacheStore & Required<Pick<CacheStore, Parts>>>();
  expectTypeOf<RedisBus>().toExtend<Required<InvalidationBus>>();
});

test('a store has a prefix, sizes are checked, events are typed', () => {
  // @ts-expect-error no prefix
  redisStore({ url: 'redis://localhost' });
  // @ts-expect-error not a size
  redisStore({ url: 'redis://localhost', prefix: 'p', maxValueBytes: '5 potatoes' });
  const store = redisStore({ url: 'redis://localhost', prefix: 'p' });
  store.on('replaced', ({ how }) => {
    expectTypeOf(how).toEqualTypeOf<'failover' | 'restart'>();
  });
  // @ts-expect-error no such event
  store.on('gone', () => undefined);
});
