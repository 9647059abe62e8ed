import { setTimeout as wait } from 'node:timers/promises';
import { describeCacheStore } from '@perf/cache-core/testing';
import { describe, it } from 'vitest';
import { redisStore, type RedisStore } from '../src/index.ts';
import { clientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';

let subjects = 0;

describe.skipIf(noRedis)('redisStore on one server', () => {
  const redis = useRedis();

  for (const one of DRIVERS) {
    describeCacheStore(
      one.version,
      () => {
        const client = clientOf(one, redis.server);
        const prefix = `subject-${subjects++}`;
        const stores: RedisStore[] = [];
        const create = (): RedisStore => {
          const store = redisStore({ client, prefix, maxValueBytes: '1mb' });
          stores.push(store);
          return store;
        };
        return {
          store: create(),
          advance: (milliseconds) => wait(milliseconds),
          second: create,
          reopen: create,
          cleanup: async () => {
            await Promise.all(stores.map((store) => store.close()));
            client.disconnect();
          },
        };
      },
      {
        describe,
        it,
        realTime: true,
        capabilities: redisStore({
          url: 'redis://localhost',
          prefix: 'nobody',
          maxValueBytes: '1mb',
        }).capabilities,
      },
    );
  }
});
