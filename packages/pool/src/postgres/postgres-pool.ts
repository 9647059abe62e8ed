import type { Duration, Listenable } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import type { Lease } from '../object/lease.ts';
import type { DrainOptions } from '../object/object-pool.ts';
import { BackendPool } from './backend-pool.ts';
import type { QueryConfig, QueryResult } from './client.ts';
import { postgresPoolSettings, type PostgresPoolOptions } from './options.ts';
import type { Queryable, QueryOptions } from './queryable.ts';
import type { PostgresSession } from './session.ts';
import type { PostgresPoolEvents, PostgresPoolStats } from './telemetry.ts';
import type { PostgresTransaction, SessionTransactionOptions } from './transaction.ts';

/** Options of a query of the pool. */
export interface PoolQueryOptions extends QueryOptions {
  /** From 0 to 9, the higher first. @default 5 */
  readonly priority?: number | undefined;
}

/** Options of a transaction of the pool. */
export interface TransactionOptions extends SessionTransactionOptions {
  /** How often it is run again, from its beginning, after a serialization failure or a deadlock. @default 2 */
  readonly retries?: number | undefined;
  /** How long it may take in all, waits and repetitions included; but not shortened while it is being committed. @default none */
  readonly timeout?: Duration | undefined;
  /** From 0 to 9, the higher first. @default 5 */
  readonly priority?: number | undefined;
}

/** A bounded pool of connections to one PostgreSQL server. */
export interface PostgresPool extends Queryable, Listenable<PostgresPoolEvents>, AsyncDisposable {
  readonly name: string;
  /** As {@link Queryable.query}, on any connection. Rejects as {@link acquire}, too. */
  query<Row = Record<string, unknown>>(
    query: string | QueryConfig,
    values?: readonly unknown[],
    options?: PoolQueryOptions,
  ): Promise<QueryResult<Row>>;
  /**
   * Runs `fn` between `BEGIN` and `COMMIT`, or `ROLLBACK` when it rejects. After a serialization failure or a deadlock all of it is run again, `fn` too:
   * what it does elsewhere has to bear that. Rejects with what `fn` rejects with, with the server's error, or with a {@link PoolTransactionError},
   * of which {@link PoolCommitUnknownError} is one.
   */
  transaction<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
  /** One connection for several queries, until it is given back. Rejects as `acquire` of an object pool. */
  acquire(options?: AcquireOptions): Promise<Lease<PostgresSession>>;
  /** Runs `fn` on one connection, and gives it back when that has settled; an open transaction is rolled back. */
  use<Result>(
    fn: (session: PostgresSession) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result>;
  /** Connects up to `count` in all. Returns at once; failures are events. @default min */
  warmUp(count?: number): void;
  /** How many may be out at once from now on, from 1 to `max`; unused ones beyond that are closed. */
  setLimit(limit: number): void;
  stats(): PostgresPoolStats;
  /** Lets nobody in, sends away who waits, waits for what is out (10 s), then breaks it off; closes everything. Idempotent. */
  drain(options?: DrainOptions): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const database = createPostgresPool({ connectionString: process.env.DATABASE_URL, max: 20 });
 * const { rows } = await database.query('select * from users where id = $1', [7], { timeout: '2s' });
 */
export function createPostgresPool(options: PostgresPoolOptions = {}): PostgresPool {
  return new BackendPool(postgresPoolSettings(options));
}
