import type { DriverConnection, QueryConfig, QueryField, QueryResult } from './client.ts';
import type { Prepared } from './prepared-statements.ts';
import { ResultBuilder, type RowOptions } from './result-builder.ts';

/** The most that the protocol can count. */
const MOST_VALUES = 65_535;

/** Makes of a value what the protocol can carry: pg's own `prepareValue`. */
export type ValueEncoder = (value: unknown) => string | Buffer | null;

/** How an {@link Exchange} ended: told once. */
export interface ExchangeHost {
  succeeded(result: QueryResult): void;
  failed(error: unknown): void;
}

/**
 * One query in pg's protocol, in the place of pg's own `Query`: pg calls these methods, as it does those of its cursors. What is prepared is
 * described once and not for each query, which spares the server and us a message.
 * @see PostgreSQL, "Extended Query"
 */
export class Exchange {
  readonly text: string;
  readonly name: string | undefined;
  /** Set by pg where all results are to be binary. */
  binary: boolean;
  readonly #values: readonly unknown[] | undefined;
  readonly #prepared: Prepared | undefined;
  readonly #encode: ValueEncoder;
  readonly #host: ExchangeHost;
  readonly #result: ResultBuilder;
  /** What a parser of a type threw: known when all rows have been read. */
  #rowFailure: { readonly error: unknown } | undefined;

  constructor(
    config: QueryConfig,
    prepared: Prepared | undefined,
    encode: ValueEncoder,
    rows: RowOptions,
    host: ExchangeHost,
  ) {
    this.text = config.text;
    this.name = prepared?.name ?? config.name;
    this.binary = config.binary === true;
    this.#values = config.values;
    this.#prepared = prepared;
    this.#encode = encode;
    this.#host = host;
    this.#result = new ResultBuilder(rows);
  }

  /** @returns an error when nothing has been sent */
  submit(connection: DriverConnection): Error | null {
    const { text, name } = this;
    const values = this.#values;
    if (typeof text !== 'string') return new TypeError('the text of a query must be a string');
    if (values !== undefined && (!Array.isArray(values) || values.length > MOST_VALUES)) {
      return new TypeError(`the values of a query must be an array of at most ${MOST_VALUES}`);
    }
    if (name === undefined && !this.binary && (values === undefined || values.length === 0)) {
      connection.query(text);
      return null;
    }
    let encoded: (string | Buffer | null)[];
    try {
      // Before anything is sent: it may fail by what a value does.
      encoded = (values ?? []).map((value) => this.#encode(value));
    } catch (error) {
      return error instanceof Error ? error : new Error('a value cannot be sent', { cause: error });
    }
    return this.#send(connection, encoded);
  }

  handleRowDescription({ fields }: { readonly fields: readonly QueryField[] }): void {
    this.#result.describe(fields);
    if (this.#prepared !== undefined) this.#prepared.fields = fields;
  }

  handleDataRow({ fields }: { readonly fields: readonly unknown[] }): void {
    if (this.#rowFailure !== undefined) return;
    try {
      this.#result.addRow(fields);
    } catch (error) {
      this.#rowFailure = { error };
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#result.complete(text);
  }

  handleReadyForQuery(): void {
    // What has no columns is not described either.
    if (this.#prepared !== undefined) this.#prepared.fields ??= [];
    if (this.#rowFailure === undefined) this.#host.succeeded(this.#result.build());
    else this.#host.failed(this.#rowFailure.error);
  }

  handleError(error: unknown): void {
    this.#host.failed(error);
  }

  handleCopyInResponse(connection: DriverConnection): void {
    connection.sendCopyFail('a query has no source for COPY: use the client of a session');
  }

  handleCopyData(): void {
    // Nobody asked for it.
  }

  handleEmptyQuery(): void {
    // There is nothing to say.
  }

  handlePortalSuspended(): void {
    // All rows are asked for at once.
  }

  #send(connection: DriverConnection, values: readonly (string | Buffer | null)[]): Error | null {
    const { text, name, binary } = this;
    const { parsedStatements, submittedNamedStatements, stream } = connection;
    const known = name === undefined ? undefined : parsedStatements[name];
    if (known !== undefined && known !== text) {
      return new Error(`the prepared statement "${name}" has another text: use a name for each`);
    }
    stream.cork();
    try {
      if (known === undefined) {
        connection.parse({ text, name });
        if (name !== undefined) submittedNamedStatements[name] = text;
      }
      connection.bind({ statement: name, values, binary });
      const fields = known === undefined ? undefined : this.#prepared?.fields;
      if (fields === undefined) connection.describe({ type: 'P', name: '' });
      else this.#result.describe(fields);
      connection.execute({});
      connection.sync();
    } finally {
      stream.uncork();
    }
    return null;
  }
}
