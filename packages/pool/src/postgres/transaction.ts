import { abortable } from '@perf/core';
import { PoolCommitUnknownError, PoolLeaseEndedError, PoolTransactionError } from '../errors.ts';
import { boundedHook } from '../object/bounded-hook.ts';
import type { Backend } from './backend.ts';
import { beginText, type BeginOptions } from './begin.ts';
import type { QueryConfig, QueryResult } from './client.ts';
import {
  configOf,
  limitsOf,
  type Queryable,
  type QueryOptions,
  type SessionHost,
} from './queryable.ts';
import { endsConnection, isFromServer, isSerializationFailure } from './sql-errors.ts';

/** Options of a transaction on a connection that is there already. */
export interface SessionTransactionOptions extends BeginOptions {
  /** Ends it when it aborts: what runs is cancelled, all is rolled back. Not while it is being committed. */
  readonly signal?: AbortSignal | undefined;
}

/** An open transaction, until the function it was handed to has settled. Queries run one after another. */
export interface PostgresTransaction extends Queryable {
  /**
   * A part that can fail for itself, by a savepoint: when `fn` rejects, only what it did is undone. One at a time.
   * @throws {@link PoolTransactionError} while another is open in this one
   */
  transaction<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
  ): Promise<Result>;
}

type Body<Result> = (transaction: PostgresTransaction) => Result | PromiseLike<Result>;

/** A transaction under way. */
export interface RunningTransaction<Result> {
  readonly result: Promise<Result>;
  /** Once `result` has settled: its rollback, when its caller did not wait for that. Never rejects. */
  undoing: Promise<void> | undefined;
}

/** Runs `fn` in a transaction of its own, or within the one that is open. */
export function runTransaction<Result>(
  host: SessionHost,
  backend: Backend,
  fn: Body<Result>,
  options: SessionTransactionOptions,
): RunningTransaction<Result> {
  const running: RunningTransaction<Result> = { result: run(), undoing: undefined };
  return running;

  async function run(): Promise<Result> {
    const begin = beginText(options);
    const { signal } = options;
    await backend.connection.quiet();
    if (backend.connection.status === 'T') return new Scope(host, backend).nest(fn, signal);
    const scope = new Scope(host, backend);
    try {
      await backend.command(begin, { ...limitsOf(host), signal });
      const result = await abortable(invoke(fn, scope), signal);
      scope.end();
      await commit(host, backend, scope);
      return result;
    } catch (error) {
      scope.end();
      const undoing = rollback(host, backend);
      if (signal?.aborted === true) running.undoing = undoing;
      else await undoing;
      throw error;
    }
  }
}

/** What is open between a `BEGIN` or `SAVEPOINT` and its end. */
class Scope implements PostgresTransaction {
  /** The first that failed and was not undone since. */
  failure: { readonly error: unknown } | undefined;
  readonly #host: SessionHost;
  readonly #backend: Backend;
  readonly #parent: Scope | undefined;
  readonly #savepoint: string;
  #hasChild = false;
  #isOver = false;

  constructor(host: SessionHost, backend: Backend, parent?: Scope) {
    this.#host = host;
    this.#backend = backend;
    this.#parent = parent;
    this.#savepoint = parent === undefined ? 'perf_1' : `${parent.#savepoint}_1`;
  }

  async query<Row = Record<string, unknown>>(
    query: string | QueryConfig,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>> {
    this.#assertOpen();
    try {
      const limits = limitsOf(this.#host, options);
      const result = await this.#backend.run(configOf(query, values), limits);
      return result as QueryResult<Row>;
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }

  transaction<Result>(fn: Body<Result>): Promise<Result> {
    return this.nest(fn, undefined);
  }

  async nest<Result>(fn: Body<Result>, signal: AbortSignal | undefined): Promise<Result> {
    this.#assertOpen();
    if (this.#hasChild) {
      throw new PoolTransactionError(
        this.#host.name,
        'has a nested one open: run them one after another, and deeper ones by the handle of their parent',
      );
    }
    this.#hasChild = true;
    const child = new Scope(this.#host, this.#backend, this);
    try {
      await this.#command(`SAVEPOINT ${this.#savepoint}`);
      const result = await abortable(invoke(fn, child), signal);
      child.end();
      if (this.#isOverAtAll) throw new PoolLeaseEndedError(this.#host.name);
      await this.#command(`RELEASE SAVEPOINT ${this.#savepoint}`);
      return result;
    } catch (error) {
      child.end();
      if (signal?.aborted === true) this.#backend.connection.abandon(error as Error);
      await this.#undoChild();
      // The savepoint could not be released since something had failed in it, and was not told.
      if (isAborted(error) && child.failure !== undefined) {
        throw swallowed(this.#host, child.failure.error);
      }
      throw error;
    } finally {
      this.#hasChild = false;
    }
  }

  end(): void {
    this.#isOver = true;
  }

  get #isOverAtAll(): boolean {
    return this.#isOver || (this.#parent !== undefined && this.#parent.#isOverAtAll);
  }

  #assertOpen(): void {
    if (this.#isOverAtAll) throw new PoolLeaseEndedError(this.#host.name);
  }

  #command(text: string): Promise<QueryResult> {
    return this.#backend.command(text, limitsOf(this.#host));
  }

  /** Not when the whole has ended meanwhile: the connection may be somebody else's. */
  async #undoChild(): Promise<void> {
    if (this.#isOverAtAll) return;
    const name = this.#savepoint;
    await Promise.allSettled([
      this.#command(`ROLLBACK TO SAVEPOINT ${name}`),
      this.#command(`RELEASE SAVEPOINT ${name}`),
    ]);
  }
}

/** What `fn` settles with, also when it throws. */
async function invoke<Result>(fn: Body<Result>, scope: Scope): Promise<Result> {
  return fn(scope);
}

/** Once it has been sent nobody waits for anything else: a caller that gave up now would not know whether it took effect. */
async function commit(host: SessionHost, backend: Backend, scope: Scope): Promise<void> {
  let answer: QueryResult;
  try {
    answer = await backend.command('COMMIT', limitsOf(host));
  } catch (cause) {
    if (isFromServer(cause) && !endsConnection(cause)) throw cause;
    throw new PoolCommitUnknownError(host.name, { cause });
  }
  if (answer.command === 'COMMIT') return;
  const failure = scope.failure?.error;
  throw isSerializationFailure(failure) ? failure : swallowed(host, failure);
}

function swallowed({ name }: SessionHost, cause: unknown): PoolTransactionError {
  return new PoolTransactionError(
    name,
    'was rolled back: a statement in it had failed, but its function did not; let it reject, or put the statement into a nested transaction',
    { cause },
  );
}

/** In bounded time, by force if need be. */
async function rollback(
  { clock, hookTimeout, name }: SessionHost,
  backend: Backend,
): Promise<void> {
  const { connection } = backend;
  if (connection.hasFailed) return;
  connection.abandon(new PoolLeaseEndedError(name));
  try {
    // What runs has to be cancelled before.
    await boundedHook(clock, 'a rollback', 2 * hookTimeout, undo(backend));
  } catch (error) {
    connection.fail(error);
  }
}

async function undo(backend: Backend): Promise<void> {
  await backend.connection.quiet();
  if (backend.connection.status !== 'I') await backend.command('ROLLBACK');
}

/** "Current transaction is aborted". */
function isAborted(error: unknown): boolean {
  return isFromServer(error) && (error as { readonly code?: unknown }).code === '25P02';
}
