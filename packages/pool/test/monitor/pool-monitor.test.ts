import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import type { PoolMonitorOptions } from '../../src/monitor/options.ts';
import { createPoolMonitor, type PoolMonitor } from '../../src/monitor/pool-monitor.ts';
import type { PoolStatusEvent } from '../../src/monitor/telemetry.ts';
import { createObjectPool } from '../../src/object/object-pool.ts';
import { ScriptedPool } from './stats-fixture.ts';

interface Setup {
  readonly clock: ManualClock;
  readonly pool: ScriptedPool;
  readonly monitor: PoolMonitor;
  readonly events: PoolStatusEvent[];
  /** Lets so many intervals pass, before each of which something happens. */
  readonly pass: (intervals: number, before?: () => void) => void;
}

function setUp(options: PoolMonitorOptions = {}): Setup {
  const clock = new ManualClock();
  const pool = new ScriptedPool();
  const monitor = createPoolMonitor(pool, { clock, interval: 1000, window: 5000, ...options });
  const events: PoolStatusEvent[] = [];
  monitor.on('status', (event) => events.push(event));
  return {
    clock,
    pool,
    monitor,
    events,
    pass: (intervals, before) => {
      for (let i = 0; i < intervals; i++) {
        before?.();
        clock.advance(1000);
      }
    },
  };
}

describe('sampling', () => {
  test('what happened is told by interval, what stands by the moment', () => {
    const { pool, monitor, pass } = setUp();
    pass(1, () => {
      pool.set({ active: 3, waiting: 2, total: 4, idle: 1 });
      pool.add({ acquired: 10, released: 7, timeouts: 1 });
    });
    pass(1, () => {
      pool.add({ acquired: 5, released: 5 });
    });
    expect(monitor.history()).toMatchObject([
      { span: 1000, active: 3, waiting: 2, utilization: 0.3, flow: { acquired: 10, timeouts: 1 } },
      { span: 1000, active: 3, waiting: 2, flow: { acquired: 5, released: 5, timeouts: 0 } },
    ]);
    expect(monitor.history()[1]?.at).toBe((monitor.history()[0]?.at ?? 0) + 1000);
  });

  test('no more samples are kept than asked for, the newest', () => {
    const { clock, monitor, pass } = setUp({ history: 3 });
    const start = clock.epoch();
    pass(8);
    expect(monitor.history().map(({ at }) => at - start)).toEqual([6000, 7000, 8000]);
  });

  test('one timer, which keeps no process alive, and none after close; a sample can still be taken', async () => {
    const { clock, monitor, pass } = setUp();
    pass(3);
    expect([clock.pendingTimers, clock.keepAliveTimers]).toEqual([1, 0]);
    await monitor.close();
    await monitor[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
    monitor.sample();
    expect(monitor.history().length).toBe(4);
  });

  test('every sample is an event', () => {
    const { monitor, pass } = setUp();
    const seen: unknown[] = [];
    monitor.on('sample', (sample) => seen.push(sample));
    pass(2);
    expect(seen).toEqual(monitor.history());
  });
});

describe('health', () => {
  test('a pool is healthy until two samples in a row say otherwise, and again after six', () => {
    const { pool, monitor, events, pass } = setUp({ window: 1000 });
    const full = (): void => {
      pool.set({ active: 10, total: 10 });
    };
    const free = (): void => {
      pool.set({ active: 2 });
    };
    pass(1, full);
    pass(1, free);
    pass(1, full);
    expect(monitor.health()).toMatchObject({ pool: 'orders', status: 'healthy', reasons: [] });
    pass(1, full);
    expect(monitor.health().status).toBe('degraded');
    pass(5, free);
    pass(1, full);
    pass(5, free);
    expect(monitor.health().status).toBe('degraded');
    pass(1, free);
    expect(monitor.health().status).toBe('healthy');
    expect(events.map(({ previous, status }) => [previous, status])).toEqual([
      ['healthy', 'degraded'],
      ['degraded', 'healthy'],
    ]);
  });

  test('a value that sways about its threshold changes nothing', () => {
    const { pool, events, pass } = setUp({ window: 1000, clearAfter: 1, raiseAfter: 1 });
    pass(1, () => {
      pool.set({ active: 9 });
    });
    for (let i = 0; i < 20; i++) {
      pass(1, () => {
        pool.set({ active: 8 + (i % 2) });
      });
    }
    expect(events.length).toBe(1);
    pass(1, () => {
      pool.set({ active: 7 });
    });
    expect(events.length).toBe(2);
  });

  test.each<[string, (pool: ScriptedPool) => void, string, string, RegExp]>([
    [
      'callers whose time is over',
      (pool) => {
        pool.add({ acquired: 97, released: 97, timeouts: 3 });
      },
      'degraded',
      'timeouts',
      /^15 callers waited in vain \(3\.0 %\)$/,
    ],
    [
      'many callers whose time is over',
      (pool) => {
        pool.add({ acquired: 80, released: 80, timeouts: 20 });
      },
      'unhealthy',
      'timeouts',
      /^100 callers waited in vain \(20 %\)$/,
    ],
    [
      'callers that are refused',
      (pool) => {
        pool.add({ acquired: 90, released: 90, rejected: 10 });
      },
      'unhealthy',
      'refusals',
      /^50 callers were refused \(10 %\)$/,
    ],
    [
      'callers that wait',
      (pool) => {
        pool.set({ waiting: 10 });
        pool.add({ acquired: 50, released: 50 });
      },
      'degraded',
      'waiting',
      /^callers wait 200 ms on average$/,
    ],
    [
      'callers that wait, none of whom has its turn',
      (pool) => {
        pool.set({ waiting: 10 });
      },
      'unhealthy',
      'waiting',
      /^10 callers wait, and none has had its turn$/,
    ],
    [
      'some failures beside creations',
      (pool) => {
        pool.set({ total: 5 });
        pool.add({ errors: 9, created: 1 });
      },
      'degraded',
      'failures',
      /^45 failures beside 5 creations, 5 are there$/,
    ],
    [
      'failures while nothing is there',
      (pool) => {
        pool.add({ errors: 1 });
      },
      'unhealthy',
      'failures',
      /^5 failures beside 0 creations, 0 are there$/,
    ],
    [
      'a leak',
      (pool) => {
        pool.set({ leaked: 1 });
      },
      'degraded',
      'leaks',
      /^1 of 10 have leaked$/,
    ],
    [
      'nothing that comes back',
      (pool) => {
        pool.set({ active: 10, waiting: 1, total: 10 });
      },
      'unhealthy',
      'stuck',
      /^all 10 are out, and none came back for 5 s$/,
    ],
  ])('%s make it %3$s', (_, happens, status, condition, message) => {
    const { pool, monitor, events, pass } = setUp();
    pass(12, () => {
      happens(pool);
    });
    expect(monitor.health().status).toBe(status);
    expect(monitor.health().reasons).toContainEqual(
      expect.objectContaining({
        condition,
        status,
        message: expect.stringMatching(message) as unknown,
      }),
    );
    expect(events.at(-1)).toMatchObject({ status, pool: 'orders' });
  });

  test('thresholds can be set, one or both, or never be reached', () => {
    const { pool, monitor, pass } = setUp({
      thresholds: {
        saturation: { degraded: 0.5, unhealthy: 0.6 },
        waiting: { degraded: Infinity, unhealthy: Infinity },
      },
    });
    pass(10, () => {
      pool.set({ active: 6, waiting: 5 });
    });
    expect(monitor.health()).toMatchObject({
      status: 'unhealthy',
      reasons: [{ condition: 'saturation', value: 0.6 }],
    });
  });

  test('a change is told on a channel too, with what to do', () => {
    const published: unknown[] = [];
    const listener = (message: unknown): void => {
      published.push(message);
    };
    subscribe('perf:pool:status', listener);
    const { pool, events, pass } = setUp();
    pass(10, () => {
      pool.set({ active: 10, waiting: 5, total: 10 });
      pool.add({ acquired: 20, released: 20 });
    });
    unsubscribe('perf:pool:status', listener);
    expect(published).toEqual(events);
    expect(events[0]).toMatchObject({
      status: 'degraded',
      since: events[0]?.since,
      recommendations: [{ option: 'max' }],
    });
  });
});

test('a real pool that is too small becomes degraded, and is said to be', async () => {
  const clock = new ManualClock();
  const pool = createObjectPool({ name: 'small', clock, max: 2, create: () => ({}) });
  const monitor = createPoolMonitor(pool, { clock, interval: 1000 });
  const call = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      const lease = await pool.acquire();
      await new Promise<void>((resolve) => {
        clock.setTimer(resolve, 500);
      });
      lease.release();
    }
  };
  const calls = [call(), call(), call(), call()];
  await clock.advanceAsync(10_000);
  expect(monitor.health()).toMatchObject({
    status: 'degraded',
    reasons: [{ condition: 'waiting' }, { condition: 'saturation' }],
  });
  expect(monitor.recommendations()).toMatchObject([
    { pool: 'small', option: 'max', current: 2, value: 3 },
  ]);
  await clock.advanceAsync(30_000);
  await Promise.all(calls);
  await clock.advanceAsync(60_000);
  expect(monitor.health()).toMatchObject({ status: 'healthy', reasons: [] });
  await monitor.close();
  await pool.close();
});

test.each<[PoolMonitorOptions, string]>([
  [{ interval: 0 }, 'poolMonitor.interval'],
  [{ history: 0 }, 'poolMonitor.history'],
  [{ interval: 1000, window: 999 }, 'poolMonitor.window'],
  [{ raiseAfter: 0 }, 'poolMonitor.raiseAfter'],
  [{ clearAfter: 1.5 }, 'poolMonitor.clearAfter'],
  [{ thresholds: { waits: {} } as object }, 'poolMonitor.thresholds.waits'],
  [
    { thresholds: { waiting: { degraded: Number.NaN } } },
    'poolMonitor.thresholds.waiting.degraded',
  ],
  [{ thresholds: { waiting: { degraded: 2000 } } }, 'poolMonitor.thresholds.waiting.unhealthy'],
  [{ intervall: 1 } as object, 'poolMonitor.intervall'],
])('%o is refused', (options, option) => {
  expect(() => createPoolMonitor(new ScriptedPool(), options)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});
