import { setTimeout as wait } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { describeRateLimiter } from '../../src/testing.ts';
import { DRIVERS, freshPrefix, noRedis, useLimiters, useRedis } from '../fixtures/redis.ts';

describe.skipIf(noRedis)('limiters in Redis', () => {
  const redis = useRedis();
  const open = useLimiters();

  for (const { version, driver } of DRIVERS) {
    for (const mode of ['strict', 'lease'] as const) {
      describeRateLimiter(
        `redisRateLimiter, ${mode}, ${version}`,
        ({ limit, window }) => {
          const { host, port, password } = redis.server;
          const prefix = freshPrefix();
          // What a slow machine takes is not what is tested here.
          const options = { prefix, mode, rate: limit, per: window, burst: limit, deadline: 5000 };
          const create = () =>
            open.limiter(open.keep(new driver.Redis({ host, port, password })), options);
          return {
            limiter: create(),
            second: create,
            // Timers of Node may be early by a part of a millisecond.
            advance: (milliseconds) => wait(milliseconds + 1),
            cleanup: () => undefined,
          };
        },
        { describe, it, shared: true },
      );
    }
  }
});
