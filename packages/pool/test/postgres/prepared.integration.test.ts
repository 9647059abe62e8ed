import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresPool, Queryable } from '@perf/pool/postgres';
import { expectLaw, rejection, startBench, type Bench } from './postgres-fixture.ts';

let bench: Bench;
let observer: PostgresPool;
beforeAll(async () => {
  bench = await startBench();
  observer = bench.pool({ max: 1 });
});
afterAll(() => bench[Symbol.asyncDispose]());

const SHOWN = 'select name, statement from pg_prepared_statements order by statement';

async function prepared(queryable: Queryable): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ readonly statement: string }>(SHOWN);
  return rows.map(({ statement }) => statement);
}

describe('a text that is used often', () => {
  it('is prepared, under a name that says nothing of it', async () => {
    const pool = bench.pool({ max: 1, prepare: { after: 2 } });
    for (let n = 0; n < 3; n++) {
      expect((await pool.query('select $1::int as "x; drop"', [n])).rows).toEqual([
        { 'x; drop': n },
      ]);
    }
    await pool.query('select $1::int as once', [1]);
    expect(await prepared(pool)).toEqual(['select $1::int as "x; drop"']);
    expect(pool.stats().prepared).toBe(1);
    await expectLaw(pool);
  });

  it('is not when it has no values, has a name of its own, or preparing is turned off', async () => {
    const pool = bench.pool({ max: 1, prepare: { after: 1 } });
    await pool.query('select 1; select 2');
    await pool.query({ name: 'mine', text: 'select $1::int as n', values: [1] });
    await pool.query({ name: 'mine', text: 'select $1::int as n', values: [2] });
    expect((await pool.query(SHOWN)).rows).toEqual([
      { name: 'mine', statement: 'select $1::int as n' },
    ]);
    const other = await rejection(
      pool.query({ name: 'mine', text: 'select $1::text', values: [1] }),
    );
    expect(other).toMatchObject({ message: expect.stringContaining('another text') as string });
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await expectLaw(pool);
    const off = bench.pool({ max: 1, prepare: false });
    for (let n = 0; n < 10; n++) await off.query('select $1::int as n', [n]);
    expect(await prepared(off)).toEqual([]);
    await expectLaw(off);
  });

  it('is one of so many, on the server as well', async () => {
    const pool = bench.pool({ max: 1, prepare: { after: 1, max: 3 } });
    for (let n = 0; n < 20; n++) await pool.query(`select ${n} + $1::int as n`, [1]);
    await pool.query('select 20 + $1::int as n', [1]);
    const names = await prepared(pool);
    expect(names.length).toBeLessThanOrEqual(4);
    expect(names).toContain('select 20 + $1::int as n');
    expect(pool.stats().prepared).toBe(3);
    await expectLaw(pool);
  });
});

describe('a prepared statement', () => {
  it('whose table has changed is prepared anew, and its caller sees the new columns', async () => {
    await observer.query('create table changing (a int); insert into changing values (1)');
    const pool = bench.pool({ max: 1, prepare: { after: 1 } });
    const text = 'select * from changing where a = $1';
    expect((await pool.query(text, [1])).rows).toEqual([{ a: 1 }]);
    await observer.query("alter table changing add b text default 'new'");
    expect((await pool.query(text, [1])).rows).toEqual([{ a: 1, b: 'new' }]);
    expect((await pool.query(text, [1])).rows).toEqual([{ a: 1, b: 'new' }]);
    await observer.query('alter table changing rename b to c');
    expect((await pool.query(text, [1])).rows).toEqual([{ a: 1, c: 'new' }]);
    expect((await pool.query(text, [1])).fields.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(await prepared(pool)).toEqual([text]);
    expect(pool.stats().created).toBe(1);
    await expectLaw(pool);
  });

  it('whose table has changed fails within a transaction, and works in the next', async () => {
    await observer.query('create table shifting (a int); insert into shifting values (1)');
    const pool = bench.pool({ max: 1, prepare: { after: 1 } });
    const text = 'select * from shifting where a = $1';
    await pool.query(text, [1]);
    await observer.query('alter table shifting add b int default 2');
    const failed = await rejection(pool.transaction(async (one) => one.query(text, [1])));
    expect(failed).toMatchObject({ code: '0A000' });
    const { rows } = await pool.transaction(async (one) => one.query(text, [1]));
    expect(rows).toEqual([{ a: 1, b: 2 }]);
    await expectLaw(pool);
  });

  it('that the server has forgotten is prepared anew', async () => {
    const pool = bench.pool({ max: 1, prepare: { after: 1 } });
    const text = 'select $1::int as n';
    await pool.query(text, [1]);
    for (const forget of ['discard all', 'deallocate all']) {
      await pool.query(forget);
      expect((await pool.query(text, [2])).rows).toEqual([{ n: 2 }]);
      expect((await pool.query(text, [3])).rows).toEqual([{ n: 3 }]);
    }
    expect(pool.stats().created).toBe(1);
    await expectLaw(pool);
  });

  it('survives errors of its values and of its execution', async () => {
    const pool = bench.pool({ max: 1, prepare: { after: 1 } });
    const text = 'select 10 / $1::int as n';
    const circular: unknown[] = [];
    circular.push(circular);
    const hostile = {
      toPostgres: () => {
        throw new Error('not me');
      },
    };
    for (let round = 0; round < 3; round++) {
      expect(await rejection(pool.query(text, [0]))).toMatchObject({ code: '22012' });
      expect(await rejection(pool.query(text, ['x']))).toMatchObject({ code: '22P02' });
      expect(await rejection(pool.query(text, [hostile]))).toMatchObject({ message: 'not me' });
      expect(await rejection(pool.query(text, [circular]))).toBeInstanceOf(Error);
      expect((await pool.query(text, [5])).rows).toEqual([{ n: 2 }]);
    }
    expect(await rejection(pool.query(text, 'no array' as never))).toBeInstanceOf(TypeError);
    const many = Array.from({ length: 70_000 }, () => 1);
    expect(await rejection(pool.query(text, many))).toBeInstanceOf(TypeError);
    expect((await pool.query(text, [5])).rows).toEqual([{ n: 2 }]);
    expect(pool.stats().created).toBe(1);
    await expectLaw(pool);
  });
});
