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

/** Where parsers of types come from, as pg's `types`. */
export interface TypeSource {
  // A method, so that pg's overloads fit.
  getTypeParser(oid: number, format?: string): unknown;
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
  readonly types?: TypeSource | undefined;
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
  readonly connectionParameters?: { readonly query_timeout?: unknown } | undefined;
  /** Whether the server waits for a query. */
  readonly readyForQuery?: boolean | undefined;
  readonly connection: DriverConnection;
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
  /** @param query an {@link Exchange} */
  query(query: object): unknown;
  getTypeParser(oid: number, format?: string): unknown;
  getTransactionStatus(): TransactionStatus;
  on(event: string, listener: (payload: unknown) => void): unknown;
}

/** The protocol's side of a {@link DriverClient}. */
export interface DriverConnection {
  readonly stream: Duplex;
  /** Texts by name: those that the server has, and those that were sent. */
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
  query(text: string): void;
  parse(statement: { readonly text: string; readonly name: string | undefined }): void;
  bind(values: {
    readonly statement: string | undefined;
    readonly values: readonly (string | Buffer | null)[];
    readonly binary: boolean;
  }): void;
  describe(what: { readonly type: 'P'; readonly name: string }): void;
  execute(options: object): void;
  sync(): void;
  sendCopyFail(reason: string): void;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  on(event: string, listener: (payload: unknown) => void): unknown;
}
