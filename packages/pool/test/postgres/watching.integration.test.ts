import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPoolRegistry, poolConfig, PoolAcquireTimeoutError } from '@perf/pool';
import type { AcquireEvent, LeakEvent, QueryEvent } from '@perf/pool/postgres';
import { circuitBreaker, BrokenCircuitError } from '@perf/resilience';
import { expectLaw, PATIENCE, rejection, startBench, type Bench } from './postgres-fixture.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('who watches a pool', () => {
  it('is told of leases that are out for too long, by whom, and of their return', async () => {
    const pool = bench.pool({ max: 1, leakThreshold: 20 });
    const leaks: LeakEvent[] = [];
    const returns: LeakEvent[] = [];
    pool.on('leak', (event) => leaks.push(event));
    pool.on('leakReturned', (event) => returns.push(event));
    const lease = await pool.acquire();
    await vi.waitFor(() => {
      expect(leaks).toHaveLength(1);
    }, PATIENCE);
    expect(leaks[0]?.stack).toContain('watching.integration.test');
    lease.release();
    expect([returns.length, pool.stats().leaked]).toEqual([1, 0]);
    await expectLaw(pool);
  });

  it('is told of each acquire on perf:pool:acquire', async () => {
    const pool = bench.pool({ max: 1, name: 'watched' });
    const events: AcquireEvent[] = [];
    const listener = (message: unknown): void => {
      const event = message as AcquireEvent;
      if (event.pool === 'watched') events.push(event);
    };
    subscribe('perf:pool:acquire', listener);
    const lease = await pool.acquire();
    await rejection(pool.query('select 1', [], { timeout: 1 }));
    lease.release();
    unsubscribe('perf:pool:acquire', listener);
    await pool.query('select 1');
    expect(events.map(({ error }) => error)).toEqual([
      undefined,
      expect.any(PoolAcquireTimeoutError),
    ]);
    for (const { waited } of events) expect(waited).toBeGreaterThanOrEqual(0);
    await expectLaw(pool);
  });

  it('is told of each query on perf:pool:query, whatever became of it', async () => {
    const pool = bench.pool({ max: 1, name: 'queried' });
    const events: QueryEvent[] = [];
    const listener = (message: unknown): void => {
      const event = message as QueryEvent;
      if (event.pool === 'queried') events.push(event);
    };
    subscribe('perf:pool:query', listener);
    await pool.query('SELECT 1');
    await rejection(pool.query(' insert into missing values ($1)', [1]));
    await rejection(pool.query('select pg_sleep(60)', [], { timeout: '1s' }));
    await pool.transaction((session) => session.query('select 1'));
    unsubscribe('perf:pool:query', listener);
    await pool.query('select 1');
    expect(events.map(({ operation, error }) => [operation, error === undefined])).toEqual([
      ['select', true],
      ['insert', false],
      ['select', false],
      ['begin', true],
      ['select', true],
      ['commit', true],
    ]);
    for (const { duration } of events) expect(duration).toBeGreaterThanOrEqual(0);
    await expectLaw(pool);
  });

  it('sees one shape of statistics, also by a registry', async () => {
    const pool = bench.pool({ ...poolConfig().name('db').size(1, 3).build() });
    const pools = createPoolRegistry({ db: pool });
    const lease = await pools.acquire('db');
    expect((await lease.value.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(pools.stats().db).toMatchObject({ name: 'db', min: 1, max: 3, active: 1, lost: 0 });
    lease.release();
    await pools.close();
    await expectLaw(pool);
  });
});

describe('a policy of queries', () => {
  it('protects the database: what it refuses does not reach the pool', async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 2 });
    const pool = bench.pool({ max: 1, queryPolicy: breaker });
    for (let n = 0; n < 2; n++) await rejection(pool.query('select 1/0'));
    const { acquired } = pool.stats();
    expect(await rejection(pool.query('select 1'))).toBeInstanceOf(BrokenCircuitError);
    const refused = await rejection(pool.transaction(async (one) => one.query('select 1')));
    expect(refused).toBeInstanceOf(BrokenCircuitError);
    expect(pool.stats().acquired).toBe(acquired);
    await expectLaw(pool);
  });
});

describe('the size', () => {
  it('is a base and an overflow that goes when it is not needed', async () => {
    const pool = bench.pool({ min: 1, maxIdle: 2, max: 6 });
    await Promise.all(Array.from({ length: 30 }, () => pool.query('select pg_sleep(0.01)')));
    await vi.waitFor(() => {
      const { created, connecting, idle, total, destroyed } = pool.stats();
      expect(created).toBeGreaterThan(2);
      expect([connecting, idle]).toEqual([0, 2]);
      expect(total + destroyed.surplus).toBe(created);
    }, PATIENCE);
    await expectLaw(pool);
  });

  it('follows setLimit at once', async () => {
    const pool = bench.pool({ max: 4 });
    pool.setLimit(2);
    const calls = Array.from({ length: 12 }, () => pool.query('select pg_sleep(0.005)'));
    expect(pool.stats().active + pool.stats().connecting).toBeLessThanOrEqual(2);
    await Promise.all(calls);
    expect(pool.stats().created).toBeLessThanOrEqual(2);
    await expectLaw(pool);
  });

  it('lets connections go that are old, not all together', async () => {
    const parts = [0, 0.5, 1];
    let next = 0;
    const pool = bench.pool({
      max: 3,
      maxLifetime: 400,
      lifetimeJitter: 0.9,
      random: () => parts[next++ % 3] ?? 0,
    });
    const ends: number[] = [];
    pool.on('destroyed', ({ reason }) => {
      if (reason === 'lifetime') ends.push(pool.stats().total);
    });
    await Promise.all(Array.from({ length: 3 }, () => pool.query('select pg_sleep(0.05)')));
    await vi.waitFor(async () => {
      await pool.query('select 1');
      expect(ends.length).toBeGreaterThanOrEqual(3);
    }, PATIENCE);
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await expectLaw(pool);
  });
});
