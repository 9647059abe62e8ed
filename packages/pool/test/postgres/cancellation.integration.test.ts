import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProxy } from '@perf/test-servers';
import { PoolAcquireTimeoutError } from '@perf/pool';
import { PoolQueryTimeoutError, type PostgresPool } from '@perf/pool/postgres';
import {
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
  observer = bench.pool({ max: 2 });
});
afterAll(() => bench[Symbol.asyncDispose]());

async function running(text: string): Promise<number> {
  const { rows } = await observer.query(
    "select pid from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()",
    [`%${text}%`],
  );
  return rows.length;
}

describe('an abort', () => {
  it('before the call sends nothing', async () => {
    const pool = bench.pool({ max: 1 });
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await rejection(pool.query('select 1', [], { signal }))).toBe(signal.reason);
    expect(pool.stats()).toMatchObject({ acquired: 0, aborted: 1 });
    await expectLaw(pool);
  });

  it('in the queue ends the wait', async () => {
    const pool = bench.pool({ max: 1 });
    const lease = await pool.acquire();
    const controller = new AbortController();
    const waiting = rejection(pool.query('select 1', [], { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    lease.release();
    expect(pool.stats()).toMatchObject({ waiting: 0, cancelled: 0 });
    await expectLaw(pool);
  });

  it('of a running query makes the server end it, and the connection stays', async () => {
    const pool = bench.pool({ max: 1 });
    const pid = (await pool.query('select pg_backend_pid() as pid')).rows;
    const controller = new AbortController();
    const { signal } = controller;
    const sleeping = rejection(pool.query('select pg_sleep(2001)', [], { signal }));
    await untilRuns(observer, 'pg_sleep(2001)');
    controller.abort(new Error('enough'));
    expect(await sleeping).toMatchObject({ message: 'enough' });
    expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual(pid);
    expect(await running('pg_sleep(2001)')).toBe(0);
    expect(pool.stats()).toMatchObject({ created: 1, cancelled: 1, lost: 0 });
    await expectLaw(pool);
  });

  it('never hits the query of the next one', async () => {
    const pool = bench.pool({ max: 2 });
    for (let round = 0; round < 60; round++) {
      const controller = new AbortController();
      const { signal } = controller;
      const given = pool.query('select pg_sleep(0.002)', [], { signal }).then(
        () => 'answered',
        () => 'aborted',
      );
      setTimeout(() => controller.abort(new Error('enough')), round % 5);
      const others = Array.from({ length: 4 }, () => pool.query('select pg_sleep(0.001)'));
      await Promise.all(others);
      expect(['answered', 'aborted']).toContain(await given);
    }
    expect(pool.stats().lost).toBe(0);
    await expectLaw(pool);
  });

  it('of one of several queries of a session leaves the others alone', async () => {
    const pool = bench.pool({ max: 1 });
    await pool.use(async (session) => {
      const first = new AbortController();
      const third = new AbortController();
      const aborted = rejection(
        session.query('select pg_sleep(2002)', [], { signal: first.signal }),
      );
      const second = session.query('select 2 as n');
      const never = rejection(session.query('select 3 as n', [], { signal: third.signal }));
      const fourth = session.query('select 4 as n');
      await untilRuns(observer, 'pg_sleep(2002)');
      third.abort(new Error('third'));
      first.abort(new Error('first'));
      expect(await aborted).toMatchObject({ message: 'first' });
      expect(await never).toMatchObject({ message: 'third' });
      expect([(await second).rows, (await fourth).rows]).toEqual([[{ n: 2 }], [{ n: 4 }]]);
    });
    await expectLaw(pool);
  });

  it('leaves no listener on its signal', async () => {
    const pool = bench.pool({ max: 1 });
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const add = vi.spyOn(signal, 'addEventListener');
    await Promise.all([1, 2, 3].map(() => pool.query('select 1', [], { signal })));
    await pool.transaction(async (one) => one.query('select 1', [], { signal }), { signal });
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove.mock.calls.length).toBeGreaterThanOrEqual(add.mock.calls.length);
    await expectLaw(pool);
  });
});

describe('a timeout', () => {
  it('of a query makes the server end it', async () => {
    const pool = bench.pool({ max: 1, queryTimeout: 50 });
    await pool.query('select 1', [], { timeout: '1m' });
    const error = await rejection(pool.query('select pg_sleep(2003)'));
    expect(error).toBeInstanceOf(PoolQueryTimeoutError);
    expect(error).toMatchObject({ timeout: 50, pool: 'postgresPool' });
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ cancelled: 1, active: 0, idle: 1 });
    }, PATIENCE);
    expect(await running('pg_sleep(2003)')).toBe(0);
    await expectLaw(pool);
  });

  it('of a call counts the wait, too', async () => {
    const pool = bench.pool({ max: 1, acquireTimeout: '1m' });
    const lease = await pool.acquire();
    const error = await rejection(pool.query('select 1', [], { timeout: 20 }));
    expect(error).toBeInstanceOf(PoolAcquireTimeoutError);
    lease.release();
    await expectLaw(pool);
  });
});

describe('a server that does not listen any more', () => {
  it('costs the connection, and no caller more than its time', async () => {
    await using proxy = await startProxy({ target: bench.server });
    const pool = bench.pool({ max: 1, connectionString: proxy.url, hookTimeout: 200 });
    await pool.query('select 1');
    proxy.blackHole();
    const error = await rejection(pool.query('select 2', [], { timeout: 50 }));
    expect(error).toBeInstanceOf(PoolQueryTimeoutError);
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ active: 0, total: 0, cancelled: 1, lost: 1 });
    }, PATIENCE);
    await proxy.resume();
    expect((await pool.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
    await expectLaw(pool);
  });
});
