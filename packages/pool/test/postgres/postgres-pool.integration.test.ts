import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PoolAcquireTimeoutError, PoolClosedError, PoolQueueFullError } from '@perf/pool';
import { PoolLeaseEndedError } from '@perf/pool/postgres';
import {
  backendsOf,
  expectLaw,
  PATIENCE,
  rejection,
  startBench,
  type Bench,
} from './postgres-fixture.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const PID = 'select pg_backend_pid() as pid';

describe('a query', () => {
  it('answers with what pg answers', async () => {
    const pool = bench.pool();
    const result = await pool.query<{ readonly n: number }>('select $1::int + 1 as n', [41]);
    expect(result.rows).toEqual([{ n: 42 }]);
    expect([result.rowCount, result.command, result.fields[0]?.name]).toEqual([1, 'SELECT', 'n']);
    const rows = await pool.query({ text: 'select 1, 2', rowMode: 'array' });
    expect(rows.rows).toEqual([[1, 2]]);
    await expectLaw(pool);
  });

  it('runs on the connection that was used last', async () => {
    const pool = bench.pool({ max: 3, min: 3 });
    const pids = new Set<unknown>();
    for (let n = 0; n < 10; n++) pids.add((await pool.query(PID)).rows[0]?.['pid']);
    expect(pids.size).toBe(1);
    await expectLaw(pool);
  });
});

describe('the minimum', () => {
  it('is connected at the start, and again after the server has ended it', async () => {
    const observer = bench.pool({ max: 1 });
    const pool = bench.pool({ min: 3, connection: { application_name: 'minimum' } });
    await vi.waitFor(() => {
      expect(pool.stats().idle).toBe(3);
    }, PATIENCE);
    const lost: unknown[] = [];
    pool.on('lost', ({ error }) => lost.push(error));
    await observer.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'minimum'",
    );
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ idle: 3, created: 6, lost: 3 });
    }, PATIENCE);
    expect(lost).toHaveLength(3);
    expect(pool.stats().destroyed.lost).toBe(3);
    expect(await backendsOf(observer, 'minimum')).toBe(3);
    await expectLaw(pool);
    await vi.waitFor(async () => {
      expect(await backendsOf(observer, 'minimum')).toBe(0);
    }, PATIENCE);
  });
});

describe('errors of SQL', () => {
  it('leave the connection in the pool', async () => {
    const pool = bench.pool({ max: 1 });
    const before = (await pool.query(PID)).rows[0];
    await pool.query('create table if not exists kept (id int primary key)');
    await pool.query('insert into kept values (1)');
    const texts = ['insert into kept values (1)', 'select 1/0', 'selec', 'select * from nowhere'];
    for (const text of texts) await rejection(pool.query(text));
    await rejection(pool.query('insert into kept values ($1)', [1]));
    expect((await pool.query(PID)).rows[0]).toEqual(before);
    expect(pool.stats().created).toBe(1);
    await expectLaw(pool);
  });

  it('tell who asked', async () => {
    const pool = bench.pool({ max: 1 });
    const error = (await rejection(pool.query('select 1/0'))) as Error;
    expect(error.stack).toContain('postgres-pool.integration.test');
    expect(error).toMatchObject({ code: '22012' });
  });
});

describe('a lease', () => {
  it('that comes back within a transaction is rolled back before the next one has it', async () => {
    const pool = bench.pool({ max: 1 });
    const events: unknown[] = [];
    pool.on('rolledBack', (event) => events.push(event));
    await pool.use(async (session) => {
      await session.query('begin');
      await session.query('create temp table leftover (id int)');
    });
    const { rows } = await pool.query("select to_regclass('leftover') as found");
    expect(rows).toEqual([{ found: null }]);
    expect(pool.stats()).toMatchObject({ created: 1, rolledBack: 1 });
    expect(events).toHaveLength(1);
    await expectLaw(pool);
  });

  it('that comes back within a failed transaction is rolled back too', async () => {
    const pool = bench.pool({ max: 1 });
    await pool.use(async (session) => {
      await session.query('begin');
      await rejection(session.query('select 1/0'));
    });
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(pool.stats()).toMatchObject({ created: 1, rolledBack: 1 });
    await expectLaw(pool);
  });

  it('that comes back with a query under way is handed on when that has been ended', async () => {
    const pool = bench.pool({ max: 1 });
    const lease = await pool.acquire();
    const sleeping = rejection(lease.value.query('select pg_sleep(1000)'));
    lease.release();
    expect(await sleeping).toBeInstanceOf(PoolLeaseEndedError);
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(pool.stats()).toMatchObject({ created: 1, cancelled: 1 });
    await expectLaw(pool);
  });

  it('leads nowhere once it has ended', async () => {
    const pool = bench.pool({ max: 1 });
    const lease = await pool.acquire();
    const session = lease.value;
    lease.release();
    expect(await rejection(session.query('select 1'))).toBeInstanceOf(PoolLeaseEndedError);
    expect(() => session.client).toThrow(PoolLeaseEndedError);
    await expectLaw(pool);
  });
});

describe('waiting', () => {
  it('ends at its own time, which is not that of connecting', async () => {
    const pool = bench.pool({ max: 1, maxQueue: 1, acquireTimeout: 20 });
    const lease = await pool.acquire({ timeout: 60_000 });
    const waiting = rejection(pool.query('select 1'));
    expect(await rejection(pool.query('select 1'))).toBeInstanceOf(PoolQueueFullError);
    expect(await waiting).toBeInstanceOf(PoolAcquireTimeoutError);
    lease.release();
    await expectLaw(pool);
  });

  it('is ended by a drain', async () => {
    const pool = bench.pool({ max: 1 });
    const lease = await pool.acquire();
    const waiting = rejection(pool.query('select 1'));
    const drained = pool.drain();
    expect(await waiting).toBeInstanceOf(PoolClosedError);
    lease.release();
    await drained;
    await expectLaw(pool);
  });
});
