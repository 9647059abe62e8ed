import { checkInteger, deadlineSignal, toMilliseconds } from '@perf/core';
import { retry, type Retry } from '@perf/resilience';
import { acquireChannel } from '../admission/acquire-channel.ts';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import { PoolClosedError } from '../errors.ts';
import type { Lease } from '../object/lease.ts';
import { createObjectPool, type DrainOptions, type ObjectPool } from '../object/object-pool.ts';
import type { Backend } from './backend.ts';
import { checkTransactionOptions } from './begin.ts';
import type { QueryConfig, QueryResult } from './client.ts';
import { Connector } from './connector.ts';
import { clientSource } from './driver.ts';
import { SessionLease } from './lease.ts';
import type { PostgresPoolSettings } from './options.ts';
import { PoolHost } from './pool-host.ts';
import type { PoolQueryOptions, PostgresPool, TransactionOptions } from './postgres-pool.ts';
import { configOf, limitsOf } from './queryable.ts';
import { BackendSession, type PostgresSession } from './session.ts';
import { isFromServer, isSerializationFailure } from './sql-errors.ts';
import { isOwnEvent, type PostgresPoolEvents, type PostgresPoolStats } from './telemetry.ts';
import {
  runTransaction,
  type PostgresTransaction,
  type SessionTransactionOptions,
} from './transaction.ts';

const DEFAULT_RETRIES = 2;

/** What `createPostgresPool` makes: an object pool of connections, and what is done on them. */
export class BackendPool implements PostgresPool {
  readonly name: string;
  readonly #settings: PostgresPoolSettings;
  readonly #host: PoolHost;
  readonly #backends: ObjectPool<Backend>;
  readonly #retry: Retry;

  constructor(settings: PostgresPoolSettings) {
    this.name = settings.pool.name;
    this.#settings = settings;
    const source = clientSource(settings);
    this.#host = new PoolHost(settings, source, (backend) => {
      this.#backends.lost(backend);
    });
    const connector = new Connector(source, this.#host, settings);
    this.#backends = createObjectPool<Backend>({
      ...settings.pool,
      create: (context) => connector.open(context),
      reset: (backend) => backend.reset(),
      validate: (backend) => backend.check(),
      destroy: (backend) => backend.connection.close(new PoolClosedError(this.name)),
    });
    this.#retry = this.#retrying(DEFAULT_RETRIES);
  }

  query<Row = Record<string, unknown>>(
    query: string | QueryConfig,
    values?: readonly unknown[],
    options: PoolQueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const { queryPolicy } = this.#settings;
    if (queryPolicy === undefined) return this.#query<Row>(query, values, options);
    return queryPolicy.execute(
      ({ signal }) => this.#query<Row>(query, values, { ...options, signal }),
      { signal: options.signal },
    );
  }

  transaction<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    checkTransactionOptions(options);
    const { queryPolicy } = this.#settings;
    if (queryPolicy === undefined) return this.#transaction(fn, options);
    return queryPolicy.execute(({ signal }) => this.#transaction(fn, { ...options, signal }), {
      signal: options.signal,
    });
  }

  async acquire(options?: AcquireOptions): Promise<Lease<PostgresSession>> {
    const lease = await this.#acquire(options);
    return new SessionLease(lease, new BackendSession(this.#host, lease.value));
  }

  async use<Result>(
    fn: (session: PostgresSession) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    const lease = await this.acquire(options);
    try {
      return await fn(lease.value);
    } finally {
      lease[Symbol.dispose]();
    }
  }

  warmUp(count?: number): void {
    this.#backends.warmUp(count);
  }

  setLimit(limit: number): void {
    this.#backends.setLimit(limit);
  }

  stats(): PostgresPoolStats {
    const { lostCount, rolledBackCount, cancelledCount, retriedCount, catalog } = this.#host;
    return {
      ...this.#backends.stats(),
      lost: lostCount,
      rolledBack: rolledBackCount,
      cancelled: cancelledCount,
      retried: retriedCount,
      prepared: catalog.size,
    };
  }

  on<Event extends keyof PostgresPoolEvents>(
    event: Event,
    listener: (payload: PostgresPoolEvents[Event]) => void,
  ): () => void {
    if (isOwnEvent(event)) return this.#host.events.on(event, listener);
    return this.#backends.on(event as never, listener);
  }

  drain(options?: DrainOptions): Promise<void> {
    return this.#backends.drain(options);
  }

  close(): Promise<void> {
    return this.#backends.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#backends.close();
  }

  async #query<Row>(
    query: string | QueryConfig,
    values: readonly unknown[] | undefined,
    { signal, timeout, priority }: PoolQueryOptions,
  ): Promise<QueryResult<Row>> {
    let limits = timeout === undefined ? undefined : limitsOf(this.#host, { signal, timeout });
    const wait = limits === undefined ? {} : { deadline: limits.due, timeout: Infinity };
    const lease = await this.#acquire({ signal, priority, ...wait });
    const backend = lease.value;
    limits ??= limitsOf(this.#host, { signal });
    try {
      return (await backend.run(configOf(query, values), limits)) as QueryResult<Row>;
    } catch (error) {
      backend.judge(error);
      // pg's errors are made where packets arrive; this tells who asked.
      if (isFromServer(error)) Error.captureStackTrace(error as Error);
      throw error;
    } finally {
      lease[Symbol.dispose]();
    }
  }

  async #transaction<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
    { retries, timeout, priority, signal, ...begin }: TransactionOptions,
  ): Promise<Result> {
    const { clock } = this.#settings.pool;
    const again = retries === undefined ? this.#retry : this.#retrying(retries);
    const bound =
      timeout === undefined
        ? undefined
        : deadlineSignal(
            clock,
            `a transaction of the pool "${this.name}"`,
            toMilliseconds('timeout', timeout, { infinite: true }),
            signal,
          );
    const call = { signal: bound?.signal ?? signal };
    try {
      return await again.execute(() => this.#once(fn, { ...begin, ...call, priority }), call);
    } finally {
      bound?.release();
    }
  }

  async #once<Result>(
    fn: (transaction: PostgresTransaction) => Result | PromiseLike<Result>,
    { priority, ...options }: SessionTransactionOptions & Pick<AcquireOptions, 'priority'>,
  ): Promise<Result> {
    const lease = await this.#acquire({ signal: options.signal, priority });
    const running = runTransaction(this.#host, lease.value, fn, options);
    try {
      return await running.result;
    } finally {
      if (running.undoing === undefined) lease[Symbol.dispose]();
      else {
        void running.undoing.then(() => {
          lease[Symbol.dispose]();
        });
      }
    }
  }

  async #acquire(options: AcquireOptions = {}): Promise<Lease<Backend>> {
    if (!acquireChannel.active) return this.#backends.acquire(options);
    const { clock, name: pool } = this.#settings.pool;
    const since = clock.now();
    const told = (error: unknown): void => {
      acquireChannel.publish({ pool, waited: clock.now() - since, error });
    };
    try {
      const lease = await this.#backends.acquire(options);
      told(undefined);
      return lease;
    } catch (error) {
      told(error);
      throw error;
    }
  }

  #retrying(retries: number): Retry {
    const { clock, random, name } = this.#settings.pool;
    const policy = retry({
      name,
      clock,
      random,
      maxAttempts: checkInteger('retries', retries, { min: 0 }) + 1,
      backoff: { base: 20, max: 1000 },
      retryIf: isSerializationFailure,
    });
    policy.on('retry', ({ attempt, error }) => {
      this.#host.retried(attempt, error);
    });
    return policy;
  }
}
