import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, createDeferred, TimeoutError } from '@perf/core';
import { startProxy } from '@perf/test-servers';
import {
  PoolCommitUnknownError,
  PoolLeaseEndedError,
  PoolTransactionError,
  type PostgresPool,
  type PostgresTransaction,
} from '@perf/pool/postgres';
import { expectLaw, rejection, startBench, untilRuns, type Bench } from './postgres-fixture.ts';

let bench: Bench;
let observer: PostgresPool;
beforeAll(async () => {
  bench = await startBench();
  observer = bench.pool({ max: 2 });
  await observer.query('create table accounts (id int primary key, amount int not null)');
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => observer.query('truncate accounts; insert into accounts values (1, 10), (2, 20)'));

async function amounts(): Promise<unknown> {
  const { rows } = await observer.query({
    text: 'select amount from accounts order by id',
    rowMode: 'array',
  });
  return rows.flat();
}

function add(transaction: PostgresTransaction, id: number, amount: number): Promise<unknown> {
  return transaction.query('update accounts set amount = amount + $2 where id = $1', [id, amount]);
}

describe('a transaction', () => {
  it('is committed when its function resolves, and undone when that rejects', async () => {
    const pool = bench.pool({ max: 1 });
    const result = await pool.transaction(async (one) => {
      await add(one, 1, 5);
      return 'done';
    });
    expect(result).toBe('done');
    const failure = new Error('mine');
    const failed = pool.transaction(async (one) => {
      await add(one, 2, 5);
      throw failure;
    });
    expect(await rejection(failed)).toBe(failure);
    expect(await amounts()).toEqual([15, 20]);
    expect(pool.stats()).toMatchObject({ created: 1, rolledBack: 0, active: 0 });
    await expectLaw(pool);
  });

  it('has the isolation and the rights that it is given', async () => {
    const pool = bench.pool({ max: 1 });
    const options = { isolation: 'serializable', readOnly: true, deferrable: true } as const;
    const shown = await pool.transaction(
      async (one) => [
        (await one.query('show transaction_isolation')).rows,
        (await one.query('show transaction_read_only')).rows,
      ],
      options,
    );
    expect(shown).toEqual([
      [{ transaction_isolation: 'serializable' }],
      [{ transaction_read_only: 'on' }],
    ]);
    const refused = await rejection(
      pool.transaction(async (one) => add(one, 1, 1), { readOnly: true }),
    );
    expect(refused).toMatchObject({ code: '25006' });
    expect(pool.stats().created).toBe(1);
    expect(() => pool.transaction(async () => 1, { level: 'high' } as object)).toThrow(ConfigError);
    await expectLaw(pool);
  });

  it('that swallows the failure of a statement is an error, not a commit of nothing', async () => {
    const pool = bench.pool({ max: 1 });
    const error = await rejection(
      pool.transaction(async (one) => {
        await add(one, 1, 5);
        await rejection(one.query('select 1/0'));
      }),
    );
    expect(error).toBeInstanceOf(PoolTransactionError);
    expect(error).toMatchObject({ cause: { code: '22012' } });
    expect(await amounts()).toEqual([10, 20]);
    await expectLaw(pool);
  });

  it('leads nowhere once it has ended', async () => {
    const pool = bench.pool({ max: 1 });
    const kept = await pool.transaction(async (one) => one);
    expect(await rejection(kept.query('select 1'))).toBeInstanceOf(PoolLeaseEndedError);
    await expectLaw(pool);
  });

  it('does not leave behind what it did not await', async () => {
    const pool = bench.pool({ max: 1 });
    let sleeping: Promise<unknown> | undefined;
    const failed = pool.transaction(async (one) => {
      sleeping = rejection(one.query('select pg_sleep(1000)'));
      await untilRuns(observer, 'pg_sleep(1000)');
      throw new Error('mine');
    });
    expect(await rejection(failed)).toMatchObject({ message: 'mine' });
    expect(await sleeping).toBeInstanceOf(PoolLeaseEndedError);
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await expectLaw(pool);
  });
});

describe('a nested transaction', () => {
  it('is undone by itself, and what surrounds it goes on', async () => {
    const pool = bench.pool({ max: 1 });
    await pool.transaction(async (outer) => {
      await add(outer, 1, 1);
      const failed = outer.transaction(async (inner) => {
        await add(inner, 1, 100);
        await inner.transaction(async (innermost) => add(innermost, 2, 100));
        await inner.query('select 1/0');
      });
      expect(await rejection(failed)).toMatchObject({ code: '22012' });
      await outer.transaction(async (inner) => {
        await rejection(inner.transaction(async (innermost) => innermost.query('selec')));
        await add(inner, 2, 1);
      });
    });
    expect(await amounts()).toEqual([11, 21]);
    await expectLaw(pool);
  });

  it('that swallows a failure is undone, and says so', async () => {
    const pool = bench.pool({ max: 1 });
    await pool.transaction(async (outer) => {
      const failed = outer.transaction(async (inner) => {
        await add(inner, 1, 100);
        await rejection(inner.query('select 1/0'));
      });
      const error = await rejection(failed);
      expect(error).toBeInstanceOf(PoolTransactionError);
      expect(error).toMatchObject({ cause: { code: '22012' } });
      await add(outer, 2, 1);
    });
    expect(await amounts()).toEqual([10, 21]);
    await expectLaw(pool);
  });

  it('is one at a time', async () => {
    const pool = bench.pool({ max: 1 });
    await pool.transaction(async (outer) => {
      const first = outer.transaction(async (inner) => add(inner, 1, 1));
      const second = outer.transaction(async (inner) => add(inner, 2, 1));
      expect(await rejection(second)).toBeInstanceOf(PoolTransactionError);
      await first;
    });
    expect(await amounts()).toEqual([11, 20]);
    await expectLaw(pool);
  });

  it('is what a session makes of a transaction within one that is open', async () => {
    const pool = bench.pool({ max: 1 });
    await pool.use(async (session) => {
      await session.transaction(async (one) => add(one, 1, 1));
      await session.query('begin');
      await session.transaction(async (one) => add(one, 2, 1));
      await session.query('rollback');
    });
    expect(await amounts()).toEqual([11, 20]);
    await expectLaw(pool);
  });
});

describe('a transaction that meets another', () => {
  it('is run again after a serialization failure', async () => {
    const pool = bench.pool({ max: 2 });
    const bothHaveRead = createDeferred();
    let readers = 0;
    let runs = 0;
    const move = (to: number): Promise<unknown> =>
      pool.transaction(
        async (one) => {
          runs++;
          const { rows } = await one.query<{ readonly sum: string }>(
            'select sum(amount) as sum from accounts',
          );
          if (++readers === 2) bothHaveRead.resolve();
          await bothHaveRead.promise;
          await one.query('update accounts set amount = $2 where id = $1', [to, rows[0]?.sum]);
        },
        { isolation: 'serializable' },
      );
    await Promise.all([move(1), move(2)]);
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(pool.stats().retried).toBe(runs - 2);
    expect(
      [
        [30, 50],
        [50, 30],
      ].map(String),
    ).toContain(String(await amounts()) === '30,50' ? '30,50' : '50,30');
    await expectLaw(pool);
  });

  it('is run again after a deadlock, as often as it may', async () => {
    const pool = bench.pool({ max: 2, connection: { options: '-c deadlock_timeout=10ms' } });
    const deadlocked = async (retries: number): Promise<PromiseSettledResult<unknown>[]> => {
      let holders = 0;
      const bothHold = createDeferred();
      const swap = (first: number, second: number): Promise<unknown> =>
        pool.transaction(
          async (one) => {
            await add(one, first, 1);
            if (++holders === 2) bothHold.resolve();
            await bothHold.promise;
            await add(one, second, 1);
          },
          { retries },
        );
      return Promise.allSettled([swap(1, 2), swap(2, 1)]);
    };
    const events: unknown[] = [];
    pool.on('retried', ({ error }) => events.push((error as { readonly code: string }).code));
    const without = await deadlocked(0);
    expect(without.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(events).toEqual([]);
    const withRetry = await deadlocked(3);
    expect(withRetry.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(events).toContain('40P01');
    expect(await amounts()).toEqual([13, 23]);
    await expectLaw(pool);
  });
});

describe('an abort of a transaction', () => {
  it('ends what runs, and undoes it', async () => {
    const pool = bench.pool({ max: 1 });
    const controller = new AbortController();
    const aborted = rejection(
      pool.transaction(
        async (one) => {
          await add(one, 1, 5);
          await one.query('select pg_sleep(1001)');
        },
        { signal: controller.signal },
      ),
    );
    await untilRuns(observer, 'pg_sleep(1001)');
    controller.abort(new Error('enough'));
    expect(await aborted).toMatchObject({ message: 'enough' });
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(await amounts()).toEqual([10, 20]);
    expect(pool.stats()).toMatchObject({ created: 1, rolledBack: 0 });
    await expectLaw(pool);
  });

  it('does not wait for a function that never ends', async () => {
    const pool = bench.pool({ max: 1 });
    const controller = new AbortController();
    const inside = createDeferred<PostgresTransaction>();
    const aborted = rejection(
      pool.transaction(
        async (one) => {
          await add(one, 1, 5);
          inside.resolve(one);
          await new Promise(() => undefined);
        },
        { signal: controller.signal },
      ),
    );
    const handle = await inside.promise;
    controller.abort(new Error('enough'));
    expect(await aborted).toMatchObject({ message: 'enough' });
    expect(await rejection(handle.query('select 1'))).toBeInstanceOf(PoolLeaseEndedError);
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(await amounts()).toEqual([10, 20]);
    await expectLaw(pool);
  });

  it('within a nested one undoes all of it', async () => {
    const pool = bench.pool({ max: 1 });
    const controller = new AbortController();
    const aborted = rejection(
      pool.transaction(
        async (outer) => {
          await add(outer, 1, 5);
          await outer.transaction(async (inner) => {
            await add(inner, 2, 5);
            await inner.query('select pg_sleep(1002)');
          });
        },
        { signal: controller.signal },
      ),
    );
    await untilRuns(observer, 'pg_sleep(1002)');
    controller.abort(new Error('enough'));
    expect(await aborted).toMatchObject({ message: 'enough' });
    await pool.transaction(async (one) => add(one, 1, 1));
    expect(await amounts()).toEqual([11, 20]);
    await expectLaw(pool);
  });

  it('comes from its timeout, too', async () => {
    const pool = bench.pool({ max: 1 });
    const timedOut = await rejection(
      pool.transaction(async (one) => one.query('select pg_sleep(1000)'), { timeout: 50 }),
    );
    expect(timedOut).toBeInstanceOf(TimeoutError);
    await expectLaw(pool);
  });
});

describe('a connection that is lost in the middle', () => {
  it('of COMMIT leaves it open whether that took effect, and is not repeated', async () => {
    await using proxy = await startProxy({ target: bench.server });
    const pool = bench.pool({ max: 1, connectionString: proxy.url });
    let runs = 0;
    const error = await rejection(
      pool.transaction(
        async (one) => {
          runs++;
          await add(one, 1, 5);
          proxy.hold('toClient');
          queueMicrotask(() => {
            setImmediate(() => proxy.cut());
          });
        },
        { retries: 5 },
      ),
    );
    expect(error).toBeInstanceOf(PoolCommitUnknownError);
    expect(error).toMatchObject({ code: 'PERF_POOL_COMMIT_UNKNOWN' });
    expect(runs).toBe(1);
    await proxy.resume();
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await expectLaw(pool);
  });

  it('of its function is the error of its function', async () => {
    const pool = bench.pool({ max: 1 });
    const error = await rejection(
      pool.transaction(async (one) => {
        const { rows } = await one.query<{ readonly pid: number }>(
          'select pg_backend_pid() as pid',
        );
        await observer.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
        await add(one, 1, 5);
      }),
    );
    expect(error).toMatchObject({ code: '57P01' });
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(pool.stats()).toMatchObject({ created: 2, lost: 1 });
    await expectLaw(pool);
  });
});
