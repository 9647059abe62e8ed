export type { AcquireEvent } from './admission/acquire-channel.ts';
export type { QueryEvent } from './statistics/query-channel.ts';
export type { AcquireOptions } from './admission/acquire-options.ts';
export {
  PoolCommitUnknownError,
  PoolLeaseEndedError,
  PoolQueryTimeoutError,
  PoolTransactionError,
} from './errors.ts';
export type { LeakEvent } from './leaks/leak-watch.ts';
export type { Lease } from './object/lease.ts';
export type { DrainOptions } from './object/object-pool.ts';
export type { DestroyEvent, PoolErrorEvent } from './object/telemetry.ts';
export type { BeginOptions, Isolation } from './postgres/begin.ts';
export type { PostgresClient, QueryConfig, QueryField, QueryResult } from './postgres/client.ts';
export type {
  PostgresConnectionOptions,
  PostgresPoolOptions,
  PrepareOptions,
} from './postgres/options.ts';
export {
  createPostgresPool,
  type PoolQueryOptions,
  type PostgresPool,
  type TransactionOptions,
} from './postgres/postgres-pool.ts';
export type { Queryable, QueryOptions } from './postgres/queryable.ts';
export type { PostgresSession } from './postgres/session.ts';
export type { PostgresPoolEvents, PostgresPoolStats } from './postgres/telemetry.ts';
export type { PostgresTransaction, SessionTransactionOptions } from './postgres/transaction.ts';
