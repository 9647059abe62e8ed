import { createHash } from 'node:crypto';
import type { DriverConnection } from './client.ts';
import { leastUsed, type Statement } from './statement-catalog.ts';

/** Enough to find a text in the server's `pg_prepared_statements`; the number before it makes the name unique. */
const HASH_DIGITS = 16;

/** What is prepared on one connection, under names that are used once. */
export class PreparedStatements {
  readonly #connection: DriverConnection;
  readonly #max: number;
  readonly #names = new Map<Statement, string>();
  /** Names that the server may still know, and that nobody uses any more. */
  #obsolete: string[] = [];
  #made = 0;

  constructor(connection: DriverConnection, max: number) {
    this.#connection = connection;
    this.#max = max;
  }

  /** Its name on this connection; `undefined` when so much waits for {@link takeObsolete} that no more may be prepared. */
  nameOf(statement: Statement): string | undefined {
    const known = this.#names.get(statement);
    if (known !== undefined) return known;
    if (this.#obsolete.length >= this.#max) return undefined;
    if (this.#names.size >= this.#max) this.#evict();
    const hash = createHash('sha256').update(statement.text).digest('hex').slice(0, HASH_DIGITS);
    const name = `perf_${++this.#made}_${hash}`;
    this.#names.set(statement, name);
    return name;
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
    const name = this.#names.get(statement);
    if (name === undefined) return;
    this.#names.delete(statement);
    this.#forget(name);
    this.#obsolete.push(name);
  }

  /** The server knows none of them any more. */
  clear(): void {
    for (const name of this.#names.values()) this.#forget(name);
    this.#names.clear();
    this.#obsolete = [];
  }

  #evict(): void {
    const oldest = leastUsed(this.#names.keys());
    if (oldest !== undefined) this.outdate(oldest);
  }

  /** pg keeps each name that it has ever prepared. */
  #forget(name: string): void {
    const { parsedStatements } = this.#connection;
    if (parsedStatements !== undefined) Reflect.deleteProperty(parsedStatements, name);
  }
}
