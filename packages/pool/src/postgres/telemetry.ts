import type { PoolEvents } from '../object/telemetry.ts';
import type { PoolStats } from '../statistics/pool-stats.ts';

/** Events of a PostgreSQL pool. */
export interface PostgresPoolEvents extends PoolEvents {
  /** A connection broke, or was ended by the server; it is replaced as `min` and the callers ask for it. */
  readonly lost: { readonly pool: string; readonly error: unknown };
  /** A connection came back with an open transaction, which was rolled back. */
  readonly rolledBack: { readonly pool: string };
  /** A query was given up and cancelled; `kept` says whether its connection is of use still. */
  readonly cancelled: { readonly pool: string; readonly kept: boolean };
  /** A transaction is run again after a serialization failure or a deadlock. */
  readonly retried: { readonly pool: string; readonly attempt: number; readonly error: unknown };
}

/** Those names of {@link PostgresPoolEvents} that other pools do not have. */
export const OWN_EVENTS = ['lost', 'rolledBack', 'cancelled', 'retried'] as const;

/** What `stats()` of a PostgreSQL pool returns. */
export interface PostgresPoolStats extends PoolStats {
  /** Connections that broke, or were ended by the server. */
  readonly lost: number;
  /** Connections that came back with an open transaction. */
  readonly rolledBack: number;
  /** Queries that were given up while they ran. */
  readonly cancelled: number;
  /** Transactions that were run again. */
  readonly retried: number;
  /** Statements that are prepared because they are used often. */
  readonly prepared: number;
}

export function isOwnEvent(event: string): event is (typeof OWN_EVENTS)[number] {
  return (OWN_EVENTS as readonly string[]).includes(event);
}
