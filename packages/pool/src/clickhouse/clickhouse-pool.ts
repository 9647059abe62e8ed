import type { Duration, Listenable } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import type { ClickHouseClient, ClickHouseSettings } from './client.ts';
import type { TableName } from './identifiers.ts';
import type { InsertRow, InsertRows } from './insert-data.ts';
import type { Inserter, InserterOptions } from './inserter-options.ts';
import { clickHousePoolSettings, type ClickHousePoolOptions } from './options.ts';
import { RequestPool } from './request-pool.ts';
import type { RowStream } from './row-stream.ts';
import type { ClickHousePoolEvents, ClickHousePoolStats } from './telemetry.ts';

/** Values for `{name: Type}` in a statement, as `@clickhouse/client` takes them. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/** Options of any call. */
export interface CallOptions {
  /** Ends the call when it aborts, with its reason, and the request at the server. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take from now on, waits and retries included. @default the pool's `queryTimeout`, and of that `acquireTimeout` for the wait */
  readonly timeout?: Duration | undefined;
  /** From 0 to 9, the higher first. @default 5 */
  readonly priority?: number | undefined;
  /** Settings of this request; win over the pool's. */
  readonly settings?: ClickHouseSettings | undefined;
  /** Its number at the server; of use for one attempt only, so the call is not repeated. @default a random one for each attempt */
  readonly queryId?: string | undefined;
}

/** Options of a query. */
export interface QueryOptions extends CallOptions {
  /** How rows come: objects, arrays, either with all values as texts. @default 'JSONEachRow' */
  readonly format?:
    | 'JSONEachRow'
    | 'JSONCompactEachRow'
    | 'JSONStringsEachRow'
    | 'JSONCompactStringsEachRow'
    | undefined;
  /** Whether it may run twice, so that it is repeated after any trouble that may pass. @default whether it is a `SELECT` or the like */
  readonly isIdempotent?: boolean | undefined;
}

/** Options of a statement without a result. */
export interface CommandOptions extends CallOptions {
  /** Whether it may run twice. @default false: repeated only when the server has not begun with it */
  readonly isIdempotent?: boolean | undefined;
}

/** Options of an insert. */
export interface InsertOptions extends CallOptions {
  /** @default those of the rows' names, or all in order */
  readonly columns?: readonly string[] | undefined;
  /** The rows are pieces of text or bytes in this format, such as `CSV` or `Parquet`. @default rows are JSON values */
  readonly format?: string | undefined;
  /**
   * Makes the same data again no second time, if the table drops duplicates: replicated ones do, others with `non_replicated_deduplication_window`.
   * Given one, an array of rows is inserted again after any trouble that may pass.
   */
  readonly deduplicationToken?: string | undefined;
}

/** A bounded pool of requests to one ClickHouse. */
export interface ClickHousePool<Client extends ClickHouseClient = ClickHouseClient>
  extends Listenable<ClickHousePoolEvents>, AsyncDisposable {
  readonly name: string;
  /**
   * All rows of a result, at most `maxResultBytes` of them.
   * Rejects with the server's error, also of the midst of a result; the connection's; the signal's reason; a `PoolQueryTimeoutError`; as `acquire` of other pools;
   * a {@link ClickHouseResultTooLargeError}, a {@link ClickHouseResponseError}, a `MissingDriverError`.
   */
  query<Row = Record<string, unknown>>(
    sql: string,
    params?: QueryParameters,
    options?: QueryOptions,
  ): Promise<Row[]>;
  /**
   * The rows as they come. The call is repeated only until its answer begins; giving up the iteration ends the query, and frees its turn.
   * `timeout` bounds all of it; without one, `queryTimeout` the beginning of the answer and `stallTimeout` each wait for more.
   */
  stream<Row = Record<string, unknown>>(
    sql: string,
    params?: QueryParameters,
    options?: QueryOptions,
  ): RowStream<Row>;
  /** Runs a statement without a result, such as DDL. Rejects as {@link query}. */
  command(sql: string, params?: QueryParameters, options?: CommandOptions): Promise<void>;
  /**
   * Inserts rows, encoded as they are sent: the source is not read faster than that. Rejects as {@link query}, and with what the source fails with. An
   * insert that failed may have been carried out, of a long one a part.
   */
  insert(table: TableName, rows: InsertRows, options?: InsertOptions): Promise<void>;
  /** Gathers single rows into batches. It is closed with the pool. @throws {@link ConfigError} for an option that is refused */
  createInserter<Row extends InsertRow = Record<string, unknown>>(
    table: TableName,
    options?: InserterOptions,
  ): Inserter<Row>;
  /** A turn of one's own on the client, for what the pool has no method for. What the client hands out must be read to its end or destroyed before the end. */
  use<Result>(
    fn: (client: Client) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result>;
  /** A turn of one's own, until it is given back. Rejects as {@link query}. */
  acquire(options?: AcquireOptions): Promise<ClientLease<Client>>;
  /**
   * Asks for a `SELECT` in `hookTimeout`, besides all that waits. @returns milliseconds that it took.
   * Rejects with what is wrong: the connection, or user and password.
   */
  ping(signal?: AbortSignal): Promise<number>;
  /** How many requests may be under way from now on, from 1 to `max`. */
  setLimit(limit: number): void;
  stats(): ClickHousePoolStats;
  /** Lets nobody in, sends away who waits, inserts what inserters hold, waits for what is under way (10 s), then breaks it off; closes the client, if it is ours. Idempotent. */
  drain(options?: { readonly timeout?: Duration | undefined }): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/** A turn on the client. `using` gives it back at the end of its block. */
export interface ClientLease<Client> extends Disposable {
  readonly value: Client;
  /** Gives it back; nothing happens at the second time. */
  release(): void;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const events = createClickHousePool({ url: 'http://reader:secret@clickhouse:8123/shop', max: 20 });
 * const rows = await events.query<{ day: string; n: number }>('SELECT day, n FROM totals WHERE shop = {shop: UInt32}', { shop: 7 });
 */
export function createClickHousePool<Client extends ClickHouseClient = ClickHouseClient>(
  options: ClickHousePoolOptions<Client> = {},
): ClickHousePool<Client> {
  return new RequestPool<Client>(options, clickHousePoolSettings(options));
}
