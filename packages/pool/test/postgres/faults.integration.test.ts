import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProxy } from '@perf/test-servers';
import {
  PoolAcquireError,
  PoolAcquireTimeoutError,
  PoolClosedError,
  PoolCreateError,
  PoolHealthCheckError,
} from '@perf/pool';
import { PoolQueryTimeoutError, type PostgresPool } from '@perf/pool/postgres';
import {
  backendsOf,
  expectLaw,
  PATIENCE,
  rejection,
  startBench,
  untilRuns,
  type Bench,
} from './postgres-fixture.ts';

let bench: Bench;
let observer: PostgresPool;
beforeAll(async () => {
  bench = await startBench();
  observer = bench.pool({ max: 1 });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** What came of many calls: each answered or rejected, and how. */
async function outcomes(calls: readonly Promise<unknown>[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const outcome of await Promise.allSettled(calls)) {
    const error = outcome.status === 'rejected' ? (outcome.reason as Error) : undefined;
    const name = error === undefined ? 'answered' : error.name;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

describe('pg_terminate_backend', () => {
  it('ends the query that runs with its error, and its caller alone', async () => {
    const pool = bench.pool({ max: 2, connection: { application_name: 'terminated' } });
    const sleeping = rejection(pool.query('select pg_sleep(3001)'));
    await untilRuns(observer, 'pg_sleep(3001)');
    const other = pool.query('select 2 as n');
    await observer.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(3001)%' and pid <> pg_backend_pid()",
    );
    expect(await sleeping).toMatchObject({ code: '57P01' });
    expect((await other).rows).toEqual([{ n: 2 }]);
    expect((await pool.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
    await expectLaw(pool);
  });

  it('of all connections under load leaves nobody hanging, and the pool whole', async () => {
    const pool = bench.pool({ max: 5, connection: { application_name: 'shot' } });
    const calls: Promise<unknown>[] = [];
    for (let volley = 0; volley < 5; volley++) {
      for (let call = 0; call < 40; call++) calls.push(pool.query('select pg_sleep(0.002)'));
      await observer.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shot'",
      );
    }
    const counts = await outcomes(calls);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(200);
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    const { total } = pool.stats();
    expect(total).toBeLessThanOrEqual(5);
    await vi.waitFor(async () => {
      expect(await backendsOf(observer, 'shot')).toBe(pool.stats().total);
    }, PATIENCE);
    await expectLaw(pool);
  });

  it('of a connection that is checked out, but idle, is no uncaught error', async () => {
    const pool = bench.pool({ max: 1 });
    const lease = await pool.acquire();
    const { rows } = await lease.value.query('select pg_backend_pid() as pid');
    await observer.query('select pg_terminate_backend($1)', [rows[0]?.['pid']]);
    await vi.waitFor(() => {
      expect(pool.stats().lost).toBe(1);
    }, PATIENCE);
    expect(await rejection(lease.value.query('select 1'))).toMatchObject({ code: '57P01' });
    lease.release();
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(pool.stats().destroyed.lost).toBe(1);
    await expectLaw(pool);
  });
});

describe('a server that is killed', () => {
  it('under load is an error for who is in the middle, and is used again when it is back', async () => {
    await using own = await startBench();
    const pool = own.pool({ max: 4, min: 2, backoff: 20, maxBackoff: 100 });
    await pool.query('select 1');
    const over = new AbortController();
    const counts = new Map<string, number>();
    const worker = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const outcome = await pool.query('select pg_sleep(0.001)', [], { timeout: '20s' }).then(
          () => 'answered',
          (error: Error) => error.name,
        );
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
    };
    const workers = Array.from({ length: 12 }, worker);
    await own.server.kill();
    await vi.waitFor(() => {
      expect(pool.stats().total).toBe(0);
      expect(pool.stats().errors).toBeGreaterThan(0);
    }, PATIENCE);
    await own.server.restart();
    const answered = counts.get('answered') ?? 0;
    await vi.waitFor(() => {
      expect(counts.get('answered') ?? 0).toBeGreaterThan(answered + 50);
    }, PATIENCE);
    over.abort();
    await Promise.all(workers);
    await vi.waitFor(() => {
      expect(pool.stats().total).toBeGreaterThanOrEqual(2);
    }, PATIENCE);
    await expectLaw(pool);
  });

  it('is tried again after a growing wait, not without end', async () => {
    await using proxy = await startProxy({ target: bench.server });
    await proxy.cut({ refuse: true });
    const pool = bench.pool({
      connectionString: proxy.url,
      min: 1,
      max: 1,
      backoff: 200,
      maxBackoff: '1h',
      random: () => 0.99,
    });
    const failures: unknown[] = [];
    pool.on('error', ({ error }) => failures.push(error));
    const error = await rejection(pool.query('select 1', [], { timeout: '10s' }));
    expect(error).toBeInstanceOf(PoolCreateError);
    const later = await rejection(pool.query('select 1', [], { timeout: 20 }));
    expect(later).toBeInstanceOf(PoolAcquireTimeoutError);
    expect((later as Error).cause).toBeInstanceOf(PoolCreateError);
    expect(failures.length).toBeLessThan(20);
    await proxy.resume();
    await vi.waitFor(async () => {
      expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    }, PATIENCE);
    await expectLaw(pool);
  });
});

describe('a proxy that stalls', () => {
  it('ends connecting by connectTimeout, while a caller may wait for longer', async () => {
    await using proxy = await startProxy({ target: bench.server });
    proxy.hold();
    const pool = bench.pool({
      connectionString: proxy.url,
      max: 1,
      connectTimeout: 100,
      backoff: 10,
    });
    const answer = pool.query('select 1 as n', [], { timeout: '1m' });
    const error = await rejection(answer);
    expect(error).toBeInstanceOf(PoolCreateError);
    expect((error as Error).cause).toMatchObject({ name: 'TimeoutError', timeout: 100 });
    await proxy.resume();
    await vi.waitFor(async () => {
      expect((await pool.query('select 2 as n')).rows).toEqual([{ n: 2 }]);
    }, PATIENCE);
    await expectLaw(pool);
  });

  it('is found by the check of what lay unused, and nobody gets it', async () => {
    await using proxy = await startProxy({ target: bench.server });
    const pool = bench.pool({
      connectionString: proxy.url,
      max: 1,
      validateAfterIdle: 0,
      hookTimeout: 200,
    });
    const errors: unknown[] = [];
    pool.on('error', ({ error }) => errors.push(error));
    await pool.query('select 1');
    await pool.query('select 1');
    proxy.hold();
    const later = pool.query('select 2 as n', [], { timeout: '1m' });
    await vi.waitFor(() => {
      expect(pool.stats().destroyed.invalid).toBeGreaterThan(0);
    }, PATIENCE);
    proxy.release();
    await proxy.resume();
    expect((await later).rows).toEqual([{ n: 2 }]);
    expect(errors[0]).toBeInstanceOf(PoolHealthCheckError);
    await expectLaw(pool);
  });

  it('does not hold up the end', async () => {
    await using proxy = await startProxy({ target: bench.server });
    const pool = bench.pool({ connectionString: proxy.url, max: 3, hookTimeout: 200 });
    const lease = await pool.acquire();
    await pool.query('select 1');
    proxy.blackHole();
    const hanging = rejection(pool.query('select 1'));
    const held = rejection(lease.value.query('select 1'));
    await pool.drain({ timeout: 50 });
    expect(await hanging).toBeInstanceOf(PoolClosedError);
    expect(await held).toBeInstanceOf(PoolClosedError);
    lease.release();
    await expectLaw(pool);
  });
});

describe('max_connections', () => {
  it('that are exhausted leave all callers to what there is', async () => {
    await using own = await startBench({
      max_connections: '6',
      superuser_reserved_connections: '0',
      max_wal_senders: '0',
    });
    const pool = own.pool({ max: 20, backoff: 20 });
    const errors: unknown[] = [];
    pool.on('error', ({ error }) => errors.push((error as Error).cause));
    const calls = Array.from({ length: 60 }, () => pool.query('select pg_sleep(0.005)'));
    const counts = await outcomes(calls);
    expect([...counts]).toEqual([['answered', 60]]);
    expect(errors).toContainEqual(expect.objectContaining({ code: '53300' }));
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await expectLaw(pool);
  });
});

describe('500 callers on 10 connections', () => {
  it('are all answered or sent away by their deadline', async () => {
    const pool = bench.pool({ max: 10, maxQueue: 480 });
    await pool.query('select 1');
    const calls = Array.from({ length: 500 }, (_, call) =>
      pool.query('select pg_sleep(0.01)', [], {
        timeout: call % 2 === 0 ? '1m' : 30,
        priority: call % 10,
      }),
    );
    expect(pool.stats().active + pool.stats().waiting).toBeLessThanOrEqual(490);
    const settled = await Promise.allSettled(calls);
    for (const [call, outcome] of settled.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const error = outcome.reason as Error;
      const isOurs = error instanceof PoolAcquireError || error instanceof PoolQueryTimeoutError;
      expect(isOurs, error.stack).toBe(true);
      if (call % 2 === 0) expect(error.name).toBe('PoolQueueFullError');
    }
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(200);
    expect(pool.stats().created).toBeLessThanOrEqual(10);
    await expectLaw(pool);
  });
});
