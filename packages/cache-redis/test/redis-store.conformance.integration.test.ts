import { describeCacheStore } from '@perf/cache-core/testing';
import { describe } from 'vitest';
import { CONFORMANCE, subjectOn } from './fixtures/conformance.ts';
import { clientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';

describe.skipIf(noRedis)('redisStore on one server', () => {
  const redis = useRedis();
  for (const one of DRIVERS) {
    describeCacheStore(one.version, () => subjectOn(clientOf(one, redis.server)), CONFORMANCE);
  }
});
