import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { createPostgresPool, type PostgresPool, type QueryConfig } from '@perf/pool/postgres';
import { expectLaw, rejection, startBench, type Bench } from './postgres-fixture.ts';

let bench: Bench;
let pool: PostgresPool;
let client: pg.Client;
beforeAll(async () => {
  bench = await startBench();
  pool = bench.pool({ max: 1, prepare: { after: 2 } });
  client = new pg.Client(bench.server.url);
  await client.connect();
  await pool.query('create table things (id int primary key, name text)');
});
afterAll(async () => {
  await expectLaw(pool);
  await client.end();
  await bench[Symbol.asyncDispose]();
});

interface Shown {
  readonly command: string;
  readonly rowCount: number | null;
  readonly oid: unknown;
  readonly rows: readonly unknown[];
  readonly fields: readonly object[];
}

function shown(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(shown);
  const { command, rowCount, oid, rows, fields } = result as Shown;
  return { command, rowCount, oid, rows, fields: fields.map((field) => ({ ...field })) };
}

const QUERIES: readonly QueryConfig[] = [
  { text: 'select 1 as a, null as b, true as c' },
  { text: 'select 1; select 2 as b; insert into things values (1000, null)' },
  { text: 'delete from things' },
  { text: '' },
  { text: ';' },
  { text: 'begin; rollback' },
  { text: 'select' },
  { text: "select 'a' as x, 'b' as x" },
  { text: "select '{1,2,NULL}'::int[] as a, '{\"k\":[1]}'::jsonb as b, '\\x00ff'::bytea as c" },
  {
    text: "select '2026-11-25 08:00:00+00'::timestamptz as t, '1.50'::numeric as n, 9007199254740993 as big",
  },
  { text: 'select $1::int as a, $2::text as b, $3::jsonb as c', values: [1, null, { k: [1] }] },
  { text: 'select $1::int[] as a, $2::bytea as b', values: [[1, 2], Buffer.from([0, 255])] },
  { text: 'select $1::timestamptz as a', values: [new Date(0)] },
  { text: 'select a, a * 2 from generate_series(1, $1::int) as a', values: [3], rowMode: 'array' },
  { text: 'select generate_series(1, 3) as a', rowMode: 'array' },
  { text: "insert into things values ($1, 'x')", values: [1] },
  {
    text: 'insert into things values ($1, $2) on conflict (id) do update set name = excluded.name returning *',
    values: [1, 'y'],
  },
  { text: 'update things set name = $1', values: ['z'] },
  { text: 'create temp table if not exists t (id int)' },
  { text: 'show work_mem' },
  { text: 'explain select 1' },
  { text: 'select $1::int as a', values: [7], binary: true },
];

describe('a result', () => {
  it.each(QUERIES.map((query) => [query.text, query] as const))(
    'is that of pg: %s',
    async (_, query) => {
      // pg's types want arrays that may be changed.
      const asked = { ...query } as unknown as pg.QueryConfig;
      const expected = await client.query(asked).catch((error: unknown) => error);
      await client.query('delete from things where id = 1000');
      // Before it is prepared, when it is, and when it need not be described any more.
      for (let use = 0; use < 4; use++) {
        const result = await pool.query(query).catch((error: unknown) => error);
        await client.query('delete from things where id = 1000');
        if (expected instanceof Error) {
          expect(result).toMatchObject({ message: expected.message });
        } else if (query.text.startsWith('delete') || query.text.includes("'x')")) {
          break;
        } else {
          expect(shown(result)).toEqual(shown(expected));
        }
      }
    },
  );

  it('has no field that reaches a prototype', async () => {
    const { rows } = await pool.query('select 1 as "__proto__", 2 as b');
    expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype);
    expect(Object.entries(rows[0] ?? {})).toEqual([
      ['__proto__', 1],
      ['b', 2],
    ]);
  });

  it('is parsed by the types that it is given, and by those of the client', async () => {
    const types = { getTypeParser: () => (raw: unknown) => `<${String(raw)}>` };
    for (let use = 0; use < 4; use++) {
      expect((await pool.query({ text: 'select $1::int as n', values: [1], types })).rows).toEqual([
        { n: '<1>' },
      ]);
      expect((await pool.query('select $1::int as n', [1])).rows).toEqual([{ n: 1 }]);
    }
    const own = createPostgresPool({
      max: 1,
      client: () => {
        const made = new pg.Client(bench.server.url);
        made.setTypeParser(pg.types.builtins.INT4, (raw) => BigInt(raw));
        return made;
      },
    });
    expect((await own.query('select 1 as n')).rows).toEqual([{ n: 1n }]);
    await expectLaw(own);
  });

  it('whose type cannot be parsed is that error, and the connection goes on', async () => {
    const types = {
      getTypeParser: () => () => {
        throw new Error('not this one');
      },
    };
    const text = 'select generate_series(1, 100) as n';
    expect(await rejection(pool.query({ text, types }))).toMatchObject({ message: 'not this one' });
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  });
});

describe('COPY', () => {
  it('by a query is an error of SQL, and by the client of a session it works', async () => {
    const refused = await rejection(pool.query('copy things from stdin'));
    expect(refused).toMatchObject({ code: '57014' });
    await pool.query('copy (select 1) to stdout');
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await pool.use(async ({ client: raw }) => {
      expect(await raw.query('select 2 as n')).toMatchObject({ rows: [{ n: 2 }] });
    });
  });
});
