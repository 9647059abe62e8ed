import { startRedisCluster, type RedisCluster } from '@perf/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRIVERS, noRedis, useLimiters } from '../fixtures/redis.ts';

const KEYS = [
  '',
  'a',
  'b',
  '}',
  '{a}b',
  '{}',
  'user:1',
  ...Array.from({ length: 50 }, (_, n) => `${n}`),
];

describe.skipIf(noRedis)('limiters in a Redis Cluster', () => {
  let cluster: RedisCluster | undefined;
  beforeAll(async () => {
    if (!noRedis) cluster = await startRedisCluster({ masters: 3, replicasEach: 0 });
  });
  afterAll(() => cluster?.stop());
  const open = useLimiters();

  for (const { version, driver } of DRIVERS) {
    it.each(['strict', 'lease'] as const)(
      `each key has its limit on its own slot, ${version}, %s`,
      async (mode) => {
        const { nodes = [], password } = cluster ?? {};
        const client = open.keep(
          new driver.Cluster(
            nodes.map(({ host, port }) => ({ host, port })),
            { redisOptions: { password } },
          ),
        );
        const limiter = open.limiter(client, { mode, rate: 0.01, burst: 3 });
        for (const key of KEYS) {
          const admitted = [];
          for (let times = 0; times < 4; times++) {
            admitted.push((await limiter.take(key, { timeout: 0 })).admitted);
          }
          expect(admitted, key).toEqual([true, true, true, false]);
        }
        expect(limiter.snapshot().withoutRedis).toBe(0);
      },
    );
  }
});
