import type { Duplex } from 'node:stream';
import type { TransactionStatus } from './sql-errors.ts';

/** One column of a result. */
export interface QueryField {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
  readonly dataTypeSize: number;
  readonly dataTypeModifier: number;
  readonly format: string;
}

/** What a query answers, as pg makes it. */
export interface QueryResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  /** Rows read or changed; `null` where the command has no such number. */
  readonly rowCount: number | null;
  /** Such as `SELECT`. */
  readonly command: string;
  readonly oid: number;
  readonly fields: readonly QueryField[];
}

/** A query with what pg can be told about it. */
export interface QueryConfig {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
  /** A name of your own for the prepared statement. @default the pool decides, see `prepare` */
  readonly name?: string | undefined;
  /** `'array'` for rows as arrays. @default objects */
  readonly rowMode?: 'array' | undefined;
  /** How values are parsed, as pg's `types`. */
  readonly types?: { readonly getTypeParser: (...args: never) => unknown } | undefined;
  readonly binary?: boolean | undefined;
}

/** A client of pg, as far as a user of this package needs one: for COPY, cursors, LISTEN. */
export interface PostgresClient {
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
  // Methods, so that pg's overloads fit.
  query(text: string): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** pg's client as this package uses it: what it documents, what its cursors use, and its list of prepared statements. */
export interface DriverClient {
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly sslNegotiation?: string | undefined;
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly pipeline?: boolean | undefined;
  /** Whether the server waits for a query. */
  readonly readyForQuery?: boolean | undefined;
  readonly connection: DriverConnection;
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
  query(config: object, callback: (error: unknown, result: unknown) => void): unknown;
  getTransactionStatus(): TransactionStatus;
  on(event: string, listener: (payload: unknown) => void): unknown;
}

/** The protocol's side of a {@link DriverClient}. */
export interface DriverConnection {
  readonly stream: Duplex;
  readonly parsedStatements?: Record<string, string> | undefined;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  on(event: string, listener: (payload: unknown) => void): unknown;
}
