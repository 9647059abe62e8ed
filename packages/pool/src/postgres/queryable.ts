import { toMilliseconds, type Clock, type Duration } from '@perf/core';
import type { CallLimits } from './call.ts';
import type { QueryConfig, QueryResult } from './client.ts';

/** Options of one query. */
export interface QueryOptions {
  /** Ends the wait when it aborts, with its reason, and cancels the query when that runs. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, the wait for a connection included. @default `acquireTimeout` for that, and `queryTimeout` for the query */
  readonly timeout?: Duration | undefined;
}

/** Where queries run: a pool, a session, a transaction. */
export interface Queryable {
  /**
   * Runs one query. Without values its text may hold several statements, and it is not prepared.
   * Rejects with pg's error, with the signal's reason, or with a {@link PoolQueryTimeoutError}; in the last two cases the server is made to end it.
   */
  query<Row = Record<string, unknown>>(
    query: string | QueryConfig,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>>;
}

/** What sessions and transactions need of their pool. */
export interface SessionHost {
  readonly name: string;
  readonly clock: Clock;
  /** Milliseconds, or `Infinity`. */
  readonly queryTimeout: number;
  /** Milliseconds that a rollback may take. */
  readonly hookTimeout: number;
}

export function configOf(
  query: string | QueryConfig,
  values: readonly unknown[] | undefined,
): QueryConfig {
  if (typeof query === 'string') return { text: query, values };
  return values === undefined ? query : { ...query, values };
}

/** Of a query that begins now. @throws {@link ConfigError} for a timeout that is none */
export function limitsOf(
  { clock, queryTimeout }: SessionHost,
  { signal, timeout }: QueryOptions = {},
): CallLimits {
  const time =
    timeout === undefined ? queryTimeout : toMilliseconds('timeout', timeout, { infinite: true });
  return { due: time === Infinity ? Infinity : clock.now() + time, signal };
}
