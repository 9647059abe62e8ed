import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import type { PoolAutoscalerOptions } from '../../src/autoscale/options.ts';
import { createPoolAutoscaler } from '../../src/autoscale/pool-autoscaler.ts';
import type { PoolLimitEvent } from '../../src/autoscale/telemetry.ts';
import { createObjectPool } from '../../src/object/object-pool.ts';
import { ScriptedPool } from '../monitor/stats-fixture.ts';
import { simulate, type Course } from './simulated-pool.ts';

const SEEDS = [1, 2, 3];

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function changes(limits: readonly number[]): number {
  return limits.filter((limit, second) => second > 0 && limit !== limits[second - 1]).length;
}

/** In which part of the seconds from then on the limit was within the bounds. */
function shareWithin({ limits }: Course, from: number, least: number, most: number): number {
  const rest = limits.slice(from);
  return rest.filter((limit) => limit >= least && limit <= most).length / rest.length;
}

describe.each(SEEDS)('by chance %d', (seed) => {
  test('after a step of the load it settles within twenty seconds, above what is needed', () => {
    // 2 at once, then 20.
    const rate = (second: number): number => (second < 60 ? 10 : 100);
    const { limits, waiting } = simulate({ seed, rate, hold: () => 200, max: 50 }, 300);
    expect(Math.min(...limits.slice(80))).toBeGreaterThan(20);
    expect(mean(waiting.slice(80))).toBeLessThan(1);
    expect(changes(limits.slice(80))).toBeLessThanOrEqual(3);
  });

  test('it follows a ramp in few steps, and never goes back', () => {
    // From 1 to 31 at once.
    const rate = (second: number): number => 10 + second;
    const { limits, waiting } = simulate({ seed, rate, hold: () => 100, max: 60 }, 300);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
    expect(changes(limits)).toBeLessThan(10);
    expect(mean(waiting)).toBeLessThan(3);
  });

  test('it rests at the top of a load that sways faster than it lowers', () => {
    const rate = (second: number): number => 100 + 80 * Math.sin((second / 40) * 2 * Math.PI);
    const { limits, waiting } = simulate({ seed, rate, hold: () => 100, max: 60 }, 400);
    expect(changes(limits.slice(130))).toBeLessThanOrEqual(2);
    expect(mean(waiting.slice(130))).toBeLessThan(1);
  });

  test('it goes with a load that sways slowly, once up and once down in a period', () => {
    const rate = (second: number): number => 100 + 80 * Math.sin((second / 240) * 2 * Math.PI);
    const { limits, waiting } = simulate({ seed, rate, hold: () => 100, max: 60 }, 480);
    const directions = limits.flatMap((limit, second) => {
      const before = limits[second - 1] ?? limit;
      return limit === before ? [] : [Math.sign(limit - before)];
    });
    const turns = directions.filter((one, at) => at > 0 && one !== directions[at - 1]).length;
    expect(turns).toBeLessThanOrEqual(8);
    expect(Math.min(...limits.slice(200, 300))).toBeLessThan(16);
    expect(mean(waiting)).toBeLessThan(3);
  });

  test('a spike is served, and forgotten after a minute', () => {
    const rate = (second: number): number => (second >= 100 && second < 105 ? 500 : 20);
    const { limits, waiting } = simulate({ seed, rate, hold: () => 100, max: 60 }, 300);
    expect(Math.max(...limits.slice(100, 110))).toBeGreaterThan(40);
    expect(mean(waiting.slice(112))).toBeLessThan(1);
    expect(Math.max(...limits.slice(200))).toBeLessThan(16);
  });

  test('overloaded, it settles near the best throughput of a service that grows slower with each more', () => {
    // By Gunther's law: 118 a second with 15 at once, 75 with 50.
    const hold = (active: number): number =>
      50 * (1 + 0.05 * (active - 1) + 0.004 * active * (active - 1));
    const course = simulate({ seed, rate: () => 400, hold, max: 50 }, 600);
    expect(mean(course.served.slice(100))).toBeGreaterThan(0.9 * 118);
    expect(shareWithin(course, 100, 9, 20)).toBeGreaterThan(0.9);
    expect(changes(course.limits.slice(100))).toBeLessThan(15);
  });

  test('overloaded, it takes no more than a service of fixed capacity can use', () => {
    // 80 a second with 8 at once, and with any more.
    const hold = (active: number): number => 100 * Math.max(1, active / 8);
    const course = simulate({ seed, rate: () => 200, hold, max: 50 }, 600);
    expect(mean(course.served.slice(100))).toBeGreaterThan(0.85 * 80);
    expect(shareWithin(course, 100, 5, 20)).toBeGreaterThan(0.9);
  });

  test('overloaded, it gives all to a service that can use it', () => {
    const course = simulate({ seed, rate: () => 2000, hold: () => 100, max: 50 }, 200);
    expect(new Set(course.limits.slice(50))).toEqual(new Set([50]));
  });
});

test('when a service becomes slower by being overloaded, it takes less, for most of the chances', () => {
  const courses = SEEDS.map((seed) => {
    // From 20 that work side by side to 5.
    let second = 0;
    const hold = (active: number): number => 100 * Math.max(1, active / (second < 200 ? 20 : 5));
    const rate = (now: number): number => {
      second = now;
      return 400;
    };
    return simulate({ seed, rate, hold, max: 50 }, 700);
  });
  const limit = (from: number, to: number): number =>
    mean(courses.map(({ limits }) => mean(limits.slice(from, to))));
  expect(limit(100, 200)).toBeGreaterThan(18);
  expect(limit(500, 700)).toBeLessThan(16);
  const served = mean(courses.map(({ served: all }) => mean(all.slice(500))));
  expect(served).toBeGreaterThan(0.85 * 50);
});

interface Setup {
  readonly clock: ManualClock;
  readonly pool: ScriptedPool & { setLimit: (limit: number) => void };
}

function setUp(): Setup {
  const clock = new ManualClock();
  const pool = new ScriptedPool();
  const setLimit = (limit: number): void => {
    pool.set({ limit });
  };
  return { clock, pool: Object.assign(pool, { setLimit }) };
}

test('callers that wait while little is out do not raise the limit: they wait for creations', () => {
  const { clock, pool } = setUp();
  pool.set({ active: 1, waiting: 30 });
  const autoscaler = createPoolAutoscaler(pool, { clock, initial: 4 });
  clock.advance(60_000);
  expect(autoscaler.snapshot()).toEqual({ limit: 4, min: 1, max: 10, isTrying: false, changes: 0 });
});

test('while nothing comes back, a higher limit is tried, and given up if still nothing does', () => {
  const { clock, pool } = setUp();
  const reasons: string[] = [];
  pool.set({ active: 4, waiting: 3 });
  const autoscaler = createPoolAutoscaler(pool, { clock, initial: 4 });
  autoscaler.on('limit', ({ limit, reason }) => {
    reasons.push(`${limit} ${reason}`);
    pool.set({ active: limit });
  });
  clock.advance(40_000);
  expect(reasons).toEqual(['8 waiting', '4 in vain']);
});

test('every change is told, with why and what was seen', () => {
  const { clock, pool } = setUp();
  const events: PoolLimitEvent[] = [];
  const published: unknown[] = [];
  const listener = (message: unknown): void => {
    published.push(message);
  };
  subscribe('perf:pool:limit', listener);
  const autoscaler = createPoolAutoscaler(pool, { clock, initial: 4 });
  autoscaler.on('limit', (event) => events.push(event));
  pool.set({ active: 4, waiting: 3 });
  for (let second = 0; second < 30 && events.length === 0; second++) {
    pool.add({ acquired: 100, released: 100 });
    clock.advance(1000);
  }
  unsubscribe('perf:pool:limit', listener);
  expect(events).toEqual([
    {
      pool: 'orders',
      limit: 8,
      previous: 4,
      reason: 'waiting',
      measurement: { span: 1000, waitingShare: 1, active: 4, demand: 7, peak: 7, released: 100 },
    },
  ]);
  expect(published).toEqual(events);
  expect(pool.stats().limit).toBe(8);
  expect(autoscaler.snapshot()).toMatchObject({ limit: 8, isTrying: true, changes: 1 });
});

test('a limit that somebody else sets is where it goes on', () => {
  const { clock, pool } = setUp();
  const autoscaler = createPoolAutoscaler(pool, { clock, initial: 4 });
  pool.setLimit(9);
  clock.advance(1000);
  expect(autoscaler.snapshot()).toMatchObject({ limit: 9, changes: 0 });
});

test('its timer keeps no process alive, and closing it leaves the limit', async () => {
  const { clock, pool } = setUp();
  const autoscaler = createPoolAutoscaler(pool, { clock, initial: 3 });
  expect([clock.pendingTimers, clock.keepAliveTimers]).toEqual([1, 0]);
  await autoscaler.close();
  await autoscaler[Symbol.asyncDispose]();
  expect([clock.pendingTimers, pool.stats().limit]).toEqual([0, 3]);
});

test('a real pool is scaled up for those who wait, and down when they have gone', async () => {
  const clock = new ManualClock();
  const pool = createObjectPool({ clock, max: 20, create: () => ({}), maxLifetime: Infinity });
  const autoscaler = createPoolAutoscaler(pool, { clock, initial: 2 });
  const call = async (): Promise<void> => {
    for (let i = 0; i < 150; i++) {
      const lease = await pool.acquire();
      await new Promise<void>((resolve) => {
        clock.setTimer(resolve, 100);
      });
      lease.release();
    }
  };
  const calls = Array.from({ length: 12 }, call);
  await clock.advanceAsync(20_000);
  expect(pool.stats().limit).toBeGreaterThanOrEqual(12);
  expect(pool.stats().waiting).toBe(0);
  await clock.advanceAsync(180_000);
  await Promise.all(calls);
  expect(pool.stats().limit).toBe(1);
  expect(pool.stats().total).toBeLessThanOrEqual(1);
  await autoscaler.close();
  await pool.close();
});

test.each<[PoolAutoscalerOptions, string]>([
  [{ max: 11 }, 'poolAutoscaler.max'],
  [{ min: 0 }, 'poolAutoscaler.min'],
  [{ min: 6, max: 5 }, 'poolAutoscaler.min'],
  [{ min: 3, initial: 2 }, 'poolAutoscaler.initial'],
  [{ interval: 3 }, 'poolAutoscaler.interval'],
  [{ utilization: 1.1 }, 'poolAutoscaler.utilization'],
  [{ interval: 1000, lowerAfter: 999 }, 'poolAutoscaler.lowerAfter'],
  [{ hold: 10 }, 'poolAutoscaler.hold'],
  [{ hold: '1m', maxHold: '1s' }, 'poolAutoscaler.maxHold'],
  [{ limit: 1 } as object, 'poolAutoscaler.limit'],
])('%o is refused', (options, option) => {
  expect(() => createPoolAutoscaler(setUp().pool, options)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});
