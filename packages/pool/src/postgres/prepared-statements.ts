import { createHash } from 'node:crypto';
import type { DriverConnection, QueryField } from './client.ts';
import { leastUsed, type Statement } from './statement-catalog.ts';

/** Enough to find a text in the server's `pg_prepared_statements`; the number before it makes the name unique. */
const HASH_DIGITS = 16;

/** One that is prepared on a connection, or about to be. */
export interface Prepared {
  readonly name: string;
  /** Its columns, once the server has described them. */
  fields: readonly QueryField[] | undefined;
}

/** What is prepared on one connection, under names that are used once. */
export class PreparedStatements {
  readonly #connection: DriverConnection;
  readonly #max: number;
  readonly #prepared = new Map<Statement, Prepared>();
  /** Names that the server may still know, and that nobody uses any more. */
  #obsolete: string[] = [];
  #made = 0;

  constructor(connection: DriverConnection, max: number) {
    this.#connection = connection;
    this.#max = max;
  }

  /** What it is on this connection; `undefined` when so much waits for {@link takeObsolete} that no more may be prepared. */
  of(statement: Statement): Prepared | undefined {
    const known = this.#prepared.get(statement);
    if (known !== undefined) return known;
    if (this.#obsolete.length >= this.#max) return undefined;
    if (this.#prepared.size >= this.#max) this.#evict();
    const hash = createHash('sha256').update(statement.text).digest('hex').slice(0, HASH_DIGITS);
    const prepared = { name: `perf_${++this.#made}_${hash}`, fields: undefined };
    this.#prepared.set(statement, prepared);
    return prepared;
  }

  get hasObsolete(): boolean {
    return this.#obsolete.length > 0;
  }

  /** Names to be deallocated, which it keeps no longer. */
  takeObsolete(): readonly string[] {
    const obsolete = this.#obsolete;
    this.#obsolete = [];
    return obsolete;
  }

  /** The statement is to be prepared anew. */
  outdate(statement: Statement): void {
    const prepared = this.#prepared.get(statement);
    if (prepared === undefined) return;
    this.#prepared.delete(statement);
    this.#forget(prepared.name);
    this.#obsolete.push(prepared.name);
  }

  /** The server knows none of them any more. */
  clear(): void {
    for (const { name } of this.#prepared.values()) this.#forget(name);
    this.#prepared.clear();
    this.#obsolete = [];
  }

  #evict(): void {
    const oldest = leastUsed(this.#prepared.keys());
    if (oldest !== undefined) this.outdate(oldest);
  }

  /** pg keeps each name that it has ever prepared. */
  #forget(name: string): void {
    Reflect.deleteProperty(this.#connection.parsedStatements, name);
  }
}
