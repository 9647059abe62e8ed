import { ConfigError } from '@perf/core';
import { expect, test } from 'vitest';
import { redisRateLimiter, type RedisRateLimiterOptions } from '../../src/redis.ts';

const client = {
  status: 'wait',
  call: () => Promise.reject(new Error('there is no server')),
  connect: () => Promise.reject(new Error('there is no server')),
  on: () => undefined,
  off: () => undefined,
};

test.each([
  ['client', [undefined, null, 5, {}, 'redis://localhost', { status: 'ready' }]],
  ['prefix', [undefined, '', 'a b', '{a}', 'a\n', 'x'.repeat(101), 5]],
  ['rate', [0, -1, Number.NaN, Infinity, 1e8]],
  ['burst', [0, 0.5, Number.NaN, Infinity]],
  ['mode', ['fast', null]],
  ['leaseInterval', [0, -1, 'soon']],
  ['failMode', ['maybe']],
  ['localShare', [0, -1, 1.1, Number.NaN]],
  ['deadline', [0, -1, Infinity]],
  ['retryInterval', [0, Infinity]],
  ['name', ['']],
  ['maxKeys', [0, 1.5]],
  ['maxQueue', [-1]],
  ['timeout', [-1]],
  ['failmode', ['open']],
])('redisRateLimiter refuses a bad %s by its name', (option, values) => {
  for (const value of values as readonly unknown[]) {
    const options = { client, prefix: 'p', rate: 10, burst: 5, [option]: value };
    expect(() => redisRateLimiter(options as unknown as RedisRateLimiterOptions)).toThrow(
      expect.objectContaining({
        constructor: ConfigError,
        option: `redisRateLimiter.${option}`,
      }),
    );
  }
});
