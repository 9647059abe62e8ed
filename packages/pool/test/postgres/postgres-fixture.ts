import {
  createPostgresPool,
  type PostgresPool,
  type PostgresPoolOptions,
} from '@perf/pool/postgres';
import { startPostgres, type PostgresServer } from '@perf/test-servers';
import { expect, vi } from 'vitest';

/** Bounds what a test waits for, so that what hangs is named. */
export const PATIENCE = { timeout: 30_000, interval: 5 };

/** A server, and pools to it that are all closed in the end. */
export interface Bench extends AsyncDisposable {
  readonly server: PostgresServer;
  pool(options?: PostgresPoolOptions): PostgresPool;
}

export async function startBench(settings: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const server = await startPostgres({ settings });
  const pools: PostgresPool[] = [];
  return {
    server,
    pool(options) {
      // A busy machine may take long to cancel or roll back: that is not what is tested.
      const pool = createPostgresPool({
        connectionString: server.url,
        hookTimeout: '30s',
        ...options,
      });
      pools.push(pool);
      return pool;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.drain({ timeout: 1000 })));
      await server.stop();
    },
  };
}

/** The law of all pools: at the end nothing is out, nobody waits, and nothing is being made. */
export async function expectLaw(pool: PostgresPool): Promise<void> {
  await pool.drain({ timeout: 5000 });
  const { active, waiting, connecting, idle, total, acquired, released } = pool.stats();
  expect({ active, waiting, connecting, idle, total }).toEqual({
    active: 0,
    waiting: 0,
    connecting: 0,
    idle: 0,
    total: 0,
  });
  expect(released).toBe(acquired);
}

/** Connections that the server has of an application. */
export async function backendsOf(observer: PostgresPool, application: string): Promise<number> {
  const { rows } = await observer.query<{ readonly n: number }>(
    'select count(*)::int as n from pg_stat_activity where application_name = $1',
    [application],
  );
  return rows[0]?.n ?? 0;
}

/** Resolves when a query whose text contains this runs on the server. */
export async function untilRuns(observer: PostgresPool, text: string): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await observer.query(
      "select pid from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()",
      [`%${text}%`],
    );
    expect(rows.length).toBeGreaterThan(0);
  }, PATIENCE);
}

/** Its rejection; what resolves instead is an error of the test. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('was expected to reject');
}
