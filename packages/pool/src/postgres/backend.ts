import { PoolLeaseEndedError } from '../errors.ts';
import type { CallLimits } from './call.ts';
import type { QueryConfig, QueryResult } from './client.ts';
import type { Connection } from './connection.ts';
import type { PreparedStatements } from './prepared-statements.ts';
import { isMissingStatement, isOutdatedPlan, isReadOnlyServer } from './sql-errors.ts';
import type { Statement, StatementCatalog } from './statement-catalog.ts';

/** Without an end of its own: the pool bounds what it does for itself. */
const UNBOUNDED: CallLimits = { due: Infinity, signal: undefined };

/** What a {@link Backend} needs of its pool. */
export interface BackendHost {
  readonly name: string;
  readonly catalog: StatementCatalog;
  /** Something was left open, and has been rolled back. */
  rolledBack(): void;
  /** Its connection is of no use any more. */
  lost(backend: Backend, error: unknown): void;
}

/** What the pool hands out: a connection with what is prepared on it, brought back to where the next one may begin. */
export class Backend {
  readonly connection: Connection;
  readonly #statements: PreparedStatements;
  readonly #host: BackendHost;

  constructor(connection: Connection, statements: PreparedStatements, host: BackendHost) {
    this.connection = connection;
    this.#statements = statements;
    this.#host = host;
  }

  /** From now on the pool is told when the connection is lost. @throws what it failed with before */
  watch(): void {
    const { connection } = this;
    connection.onLost = (error) => {
      this.#host.lost(this, error);
    };
    connection.assertAlive();
  }

  /** One query; prepared, when its text is used often. Rejects as {@link Connection.send}. */
  run(config: QueryConfig, limits: CallLimits): Promise<QueryResult> {
    const { text, values, name } = config;
    if (name === undefined && values !== undefined && values.length > 0) {
      const statement = this.#host.catalog.use(text);
      if (statement !== undefined) return this.#runPrepared(statement, config, limits);
    }
    return this.connection.send(config, limits);
  }

  /** A statement of the pool's own, such as `COMMIT`. */
  command(text: string, limits: CallLimits = UNBOUNDED): Promise<QueryResult> {
    return this.connection.send({ text }, limits);
  }

  /** After an error outside of a transaction: a server that only reads is not the one that the pool is for. */
  judge(error: unknown): void {
    if (isReadOnlyServer(error)) this.connection.fail(error);
  }

  /**
   * Makes it fit for the next one: at once when nothing was left open, else when that has been cancelled and rolled back.
   * @throws what the connection failed with
   */
  reset(): Promise<void> | undefined {
    const { connection } = this;
    if (!connection.hasFailed && connection.isQuiet && connection.status === 'I') return undefined;
    return this.#tidy();
  }

  async check(): Promise<boolean> {
    await this.command('SELECT 1');
    return this.connection.status === 'I';
  }

  async #tidy(): Promise<void> {
    const { connection } = this;
    connection.abandon(new PoolLeaseEndedError(this.#host.name));
    await connection.quiet();
    if (connection.status === 'I') return;
    await this.command('ROLLBACK');
    await connection.quiet();
    this.#host.rolledBack();
  }

  async #runPrepared(
    statement: Statement,
    config: QueryConfig,
    limits: CallLimits,
  ): Promise<QueryResult> {
    const prepared = this.#statements.of(statement);
    if (this.#statements.hasObsolete) await this.#deallocate();
    if (prepared === undefined) return this.connection.send(config, limits);
    try {
      return await this.connection.send(config, limits, prepared);
    } catch (error) {
      if (!this.#isOutdated(error, statement, prepared.name)) throw error;
      await this.connection.quiet();
      // Within a transaction it has failed as a whole.
      if (this.connection.status !== 'I') throw error;
      return this.connection.send(config, limits);
    }
  }

  /** Whether the fault is that of having prepared it: it has not been run then. */
  #isOutdated(error: unknown, statement: Statement, name: string): boolean {
    if (isMissingStatement(error, name)) {
      this.#statements.clear();
      return true;
    }
    if (isOutdatedPlan(error)) {
      this.#statements.outdate(statement);
      return true;
    }
    return false;
  }

  /** Not within a transaction, which an error would end. */
  async #deallocate(): Promise<void> {
    const { connection } = this;
    if (!connection.isQuiet || connection.status !== 'I') return;
    const gone = this.#statements.takeObsolete().map((name) => `DEALLOCATE "${name}"`);
    // One by one: each fails by itself, when the server does not know it.
    await Promise.allSettled(gone.map((text) => this.command(text)));
  }
}
