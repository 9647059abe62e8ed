import { describeCacheStore } from '@perf/cache-core/testing';
import { describe } from 'vitest';
import { CONFORMANCE, subjectOn } from './fixtures/conformance.ts';
import { clusterClientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedisCluster } from './fixtures/redis.ts';

describe.skipIf(noRedis)('redisStore on a cluster', () => {
  const redis = useRedisCluster({ masters: 3, replicasEach: 0 });
  for (const one of DRIVERS) {
    describeCacheStore(
      one.version,
      () => subjectOn(clusterClientOf(one, redis.cluster)),
      CONFORMANCE,
    );
  }
});
