import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { RedisRateLimiterOptions } from '../../src/redis.ts';
import { freshPrefix, noRedis, useLimiters, useRedis } from '../fixtures/redis.ts';

/** In milliseconds: ten hours. */
const INTERVAL = 36_000_000;

describe.skipIf(noRedis)('leases', () => {
  const redis = useRedis();
  const open = useLimiters();

  function scene(options: Partial<RedisRateLimiterOptions> = {}) {
    const clock = new ManualClock();
    const limiter = open.limiter(open.client(redis.server), {
      mode: 'lease',
      // So slow by Redis's clock that nothing comes back, and so fast by that of the lease.
      rate: 100_000,
      per: '60d',
      burst: 1000,
      leaseInterval: INTERVAL,
      clock,
      ...options,
    });
    const take = async (count: number) => {
      const decisions = await Promise.all(
        Array.from({ length: count }, () => limiter.take('k', { timeout: 0 })),
      );
      return decisions.filter(({ admitted }) => admitted).length;
    };
    return { clock, limiter, take };
  }

  it('a hundred who come at once ask Redis once', async () => {
    const { limiter, take } = scene();
    expect(await take(100)).toBe(100);
    expect(limiter.snapshot().steps).toBe(1);
  });

  it('a process asks for twice as much each time until it asks once an interval', async () => {
    const { limiter, take } = scene();
    for (let one = 0; one < 500; one++) await take(1);
    expect(limiter.snapshot().steps).toBeLessThan(12);
    expect(limiter.snapshot().admitted).toBe(500);
  });

  it('all that the limit has is admitted, and then nothing is asked until something may have come back', async () => {
    const { clock, limiter, take } = scene();
    for (let one = 0; one < 20; one++) await take(100);
    expect(limiter.snapshot().admitted).toBe(1000);
    const { steps } = limiter.snapshot();
    expect(await take(1000)).toBe(0);
    expect(limiter.snapshot().steps).toBe(steps);
    const { retryAfter } = await limiter.take('k', { timeout: 0 });
    clock.advance(retryAfter);
    await take(1);
    expect(limiter.snapshot().steps).toBe(steps + 1);
  });

  it('who was told by check that there is room gets it, though nothing would have been asked yet', async () => {
    const prefix = freshPrefix();
    const { limiter, take } = scene({ prefix });
    for (let one = 0; one < 20; one++) await take(100);
    await scene({ prefix }).limiter.reset('k');
    expect(await take(1)).toBe(0);
    expect((await limiter.check('k')).admitted).toBe(true);
    expect(await take(1)).toBe(1);
  });

  it('what was not used in two intervals is void', async () => {
    const { clock, limiter, take } = scene();
    for (let one = 0; one < 100; one++) await take(1);
    const { steps } = limiter.snapshot();
    clock.advance(2 * INTERVAL + 1);
    await take(1);
    expect(limiter.snapshot().steps).toBe(steps + 1);
  });

  it('a process that needs less asks for less', async () => {
    const { clock, limiter, take } = scene();
    for (let one = 0; one < 200; one++) await take(1);
    clock.advance(6 * INTERVAL);
    await take(1);
    const { remaining } = await limiter.check('k');
    clock.advance(6 * INTERVAL);
    await take(1);
    // What it held is lost, and that was little.
    expect(remaining - (await limiter.check('k')).remaining).toBeLessThan(50);
  });

  it('what is held is not spent twice by those who come while more is on its way', async () => {
    const { limiter } = scene({ burst: 100 });
    let spent = 0;
    for (let round = 0; round < 60; round++) {
      const costs = [7, 1, 1, 3, 1];
      const decisions = await Promise.all(
        costs.map((cost) => limiter.take('k', { cost, timeout: 0 })),
      );
      for (const [at, { admitted }] of decisions.entries())
        spent += admitted ? (costs[at] ?? 0) : 0;
    }
    expect(spent).toBe(100);
  });

  it('a key without a place for a lease is decided by Redis', async () => {
    const { limiter, take } = scene({ maxKeys: 1 });
    const told: unknown[] = [];
    limiter.on('full', (event) => told.push(event));
    await take(1);
    const decisions = await Promise.all(
      Array.from({ length: 5 }, () => limiter.take('other', { cost: 300, timeout: 0 })),
    );
    expect(decisions.map(({ admitted }) => admitted)).toEqual([true, true, true, false, false]);
    expect(told).toEqual([{ limiter: 'redis', maxKeys: 1 }]);
    expect(limiter.snapshot().keys).toBe(1);
  });

  it('leases that are of no use any more make room for others', async () => {
    const { clock, limiter } = scene({ maxKeys: 10 });
    for (let key = 0; key < 100; key++) {
      await limiter.take(`${key}`);
      clock.advance(2 * INTERVAL);
    }
    expect(limiter.snapshot().keys).toBeLessThan(5);
  });

  it('a process holds no more than an interval’s worth', async () => {
    const { limiter, take } = scene({ leaseInterval: INTERVAL / 10 });
    for (let one = 0; one < 300; one++) await take(1);
    const second = open.limiter(open.client(redis.server), {
      prefix: 'unused',
      rate: 1,
    });
    expect((await second.check('k')).remaining).toBe(5);
    // It gets 69 in that: 300 take at least 7 steps, 1 + 2 + 4 + … at first.
    expect(limiter.snapshot().steps).toBeGreaterThanOrEqual(300 / 69);
  });
});
