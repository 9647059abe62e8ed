import { PoolLeaseEndedError } from '../errors.ts';
import type { Backend } from './backend.ts';
import type { PostgresClient, QueryConfig, QueryResult } from './client.ts';
import {
  configOf,
  limitsOf,
  type Queryable,
  type QueryOptions,
  type SessionHost,
} from './queryable.ts';
import {
  runTransaction,
  type PostgresTransaction,
  type SessionTransactionOptions,
} from './transaction.ts';

/** One connection, as long as its lease lasts. Queries run one after another. */
export interface PostgresSession extends Queryable {
  /** pg's own client, for what goes beyond queries: COPY, cursors, LISTEN. Undo what outlasts a transaction before you give it back. */
  readonly client: PostgresClient;
  /** A transaction on this connection, or a savepoint when one is open. It is not run again by itself. */
  transaction<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
    options?: SessionTransactionOptions,
  ): Promise<Result>;
}

/** What a borrower sees of a {@link Backend}; after {@link end} it leads nowhere, whoever has the backend by then. */
export class BackendSession implements PostgresSession {
  readonly #host: SessionHost;
  #backend: Backend | undefined;

  constructor(host: SessionHost, backend: Backend) {
    this.#host = host;
    this.#backend = backend;
  }

  get client(): PostgresClient {
    // The same object, by its other type.
    return this.#open.connection.client as object as PostgresClient;
  }

  async query<Row = Record<string, unknown>>(
    query: string | QueryConfig,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>> {
    const limits = limitsOf(this.#host, options);
    return (await this.#open.run(configOf(query, values), limits)) as QueryResult<Row>;
  }

  async transaction<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
    options: SessionTransactionOptions = {},
  ): Promise<Result> {
    return runTransaction(this.#host, this.#open, fn, options).result;
  }

  end(): void {
    this.#backend = undefined;
  }

  get #open(): Backend {
    if (this.#backend === undefined) throw new PoolLeaseEndedError(this.#host.name);
    return this.#backend;
  }
}
