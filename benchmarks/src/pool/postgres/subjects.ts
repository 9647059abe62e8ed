import { createPostgresPool } from '@perf/pool/postgres';
import pg from 'pg';
import postgres from 'postgres';
import * as names from './names.ts';

/** How many rows there are to be found. */
export const ITEMS = 10_000;
/** The most connections of each. */
const MAX = 10;
const BY_KEY = 'select id, name, price from items where id = $1';
const INSERT = 'insert into items values ($1, $2, $3)';

/** Somebody who queries. */
export interface Subject {
  readonly subject: string;
  readonly workload: string;
  /** How many call at once. */
  readonly callers: number;
  /** Queries of one turn. */
  readonly count: number;
  query(): Promise<unknown>;
}

export interface Subjects extends AsyncDisposable {
  readonly all: readonly Subject[];
}

/** All of them, each with connections of its own to one server. */
export function subjects(url: string, random: () => number): Subjects {
  const ours = createPostgresPool({ connectionString: url, max: MAX });
  const unprepared = createPostgresPool({ connectionString: url, max: MAX, prepare: false });
  const [pool, control] = [pgPool(url), pgPool(url)];
  const sql = postgres(url, { max: MAX, onnotice: () => undefined });
  const id = (): number => 1 + Math.floor(random() * ITEMS);
  const queries: Readonly<Record<string, () => Promise<unknown>>> = {
    [names.OURS]: () => ours.query(BY_KEY, [id()]),
    [names.OURS_UNPREPARED]: () => unprepared.query(BY_KEY, [id()]),
    [names.PG_POOL]: () => pool.query(BY_KEY, [id()]),
    [names.PG_POOL_CONTROL]: () => control.query(BY_KEY, [id()]),
    [names.PG_POOL_NAMED]: () => pool.query({ name: 'by-key', text: BY_KEY, values: [id()] }),
    [names.POSTGRES_JS]: async () => sql`select id, name, price from items where id = ${id()}`,
  };
  const all = Object.entries(queries).flatMap(([subject, query]) =>
    names.CALLERS.map((callers) => ({
      subject,
      workload: names.byKey(callers),
      callers,
      count: callers === 1 ? 500 : 1920,
      query,
    })),
  );
  // Those that are there are at the start: one of two is inserted again.
  const insert = (into: (values: unknown[]) => Promise<unknown>) => async (): Promise<void> => {
    const isThere = random() < 0.5;
    const values = [isThere ? id() : freshId(random), 'item', 1];
    try {
      await into(values);
    } catch (error) {
      if ((error as { readonly code?: string }).code !== '23505') throw error;
    }
  };
  return {
    all: [
      ...all,
      few(names.OURS, names.POOLED, 1920, () => ours.query(BY_KEY, [id()])),
      few(names.PER_QUERY, names.POOLED, 64, () => queryAlone(url, id())),
      few(
        names.OURS,
        names.ERRORS,
        960,
        insert((values) => ours.query(INSERT, values)),
      ),
      few(
        names.PG_POOL,
        names.ERRORS,
        160,
        insert((values) => pool.query(INSERT, values)),
      ),
    ],
    async [Symbol.asyncDispose]() {
      await Promise.all([ours.close(), unprepared.close(), pool.end(), control.end(), sql.end()]);
    },
  };
}

/** Sixteen callers. */
function few(
  subject: string,
  workload: string,
  count: number,
  query: () => Promise<unknown>,
): Subject {
  return { subject, workload, callers: 16, count, query };
}

function pgPool(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, max: MAX });
}

/** Beyond all that are there; two alike are as good as impossible. */
function freshId(random: () => number): number {
  return ITEMS + 1 + Math.floor(random() * 2e9);
}

async function queryAlone(url: string, id: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(BY_KEY, [id]);
  await client.end();
}
