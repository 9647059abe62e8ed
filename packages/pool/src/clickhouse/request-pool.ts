import {
  checkInteger,
  deadlineSignal,
  toMilliseconds,
  type Duration,
  type Unsubscribe,
} from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import type {
  ClickHousePool,
  ClientLease,
  CommandOptions,
  InsertOptions,
  QueryOptions,
  QueryParameters,
} from './clickhouse-pool.ts';
import type { ClickHouseClient } from './client.ts';
import type { FlightPlan } from './flight.ts';
import type { TableName } from './identifiers.ts';
import { insertData, type InsertRow, type InsertRows } from './insert-data.ts';
import type { Inserter, InserterOptions } from './inserter-options.ts';
import { Inserters } from './inserters.ts';
import type { ClickHousePoolOptions, ClickHousePoolSettings } from './options.ts';
import { insertPlan, queryPlan, queryRepeatable, repeatableOf, timeoutOf } from './plans.ts';
import { statsOf } from './pool-stats.ts';
import { readBatches, readRows, readThrough, type ReadOptions } from './read-rows.ts';
import { Requests } from './requests.ts';
import { rowStream, type RowStream } from './row-stream.ts';
import { ClientSource } from './source.ts';
import {
  ClickHouseEmitter,
  type ClickHousePoolEvents,
  type ClickHousePoolStats,
} from './telemetry.ts';

/** A {@link ClickHousePool}: what callers ask for, as requests. */
export class RequestPool<Client extends ClickHouseClient> implements ClickHousePool<Client> {
  readonly name: string;
  readonly #settings: ClickHousePoolSettings;
  readonly #events = new ClickHouseEmitter();
  readonly #source: ClientSource;
  readonly #requests: Requests;
  readonly #inserters: Inserters;
  readonly #reading: ReadOptions;
  #drained: Promise<void> | undefined;

  constructor(options: ClickHousePoolOptions<Client>, settings: ClickHousePoolSettings) {
    this.name = settings.name;
    this.#settings = settings;
    this.#source = new ClientSource(options, settings);
    this.#requests = new Requests(settings, this.#source, this.#events);
    this.#inserters = new Inserters(this.#requests, this.#events, (sql) => this.query(sql));
    this.#reading = {
      maxResultBytes: settings.maxResultBytes,
      parseError: (text) => this.#source.parseError(text),
    };
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: QueryParameters,
    options: QueryOptions = {},
  ): Promise<Row[]> {
    return this.#requests.run(
      queryPlan('query', sql, params, options),
      this.#requests.limits(timeoutOf(options), options.signal),
      options.priority,
      queryRepeatable(sql, options),
      (flight) => readRows<Row>(flight, this.#reading),
    );
  }

  stream<Row = Record<string, unknown>>(
    sql: string,
    params?: QueryParameters,
    options: QueryOptions = {},
  ): RowStream<Row> {
    const plan = queryPlan('stream', sql, params, options);
    const timeout = timeoutOf(options);
    return rowStream(() => this.#batches<Row>(plan, timeout, sql, options));
  }

  async command(
    sql: string,
    params?: QueryParameters,
    options: CommandOptions = {},
  ): Promise<void> {
    const { settings, queryId } = options;
    await this.#requests.run(
      { operation: 'command', sql, params, settings, queryId },
      this.#requests.limits(timeoutOf(options), options.signal),
      options.priority,
      repeatableOf(options, options.isIdempotent ?? false),
      readThrough,
    );
  }

  async insert(table: TableName, rows: InsertRows, options: InsertOptions = {}): Promise<void> {
    const data = insertData(rows, options.format);
    const plan = insertPlan(table, data, options);
    if (Array.isArray(rows) && rows.length === 0) return;
    const isSafe = options.deduplicationToken !== undefined;
    await this.#requests.run(
      plan,
      this.#requests.limits(timeoutOf(options), options.signal),
      options.priority,
      data.isRepeatable ? repeatableOf(options, isSafe) : 'never',
      readThrough,
    );
  }

  createInserter<Row extends InsertRow = Record<string, unknown>>(
    table: TableName,
    options: InserterOptions = {},
  ): Inserter<Row> {
    return this.#inserters.create<Row>(table, options);
  }

  async use<Result>(
    fn: (client: Client) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    const lease = await this.acquire(options);
    try {
      return await fn(lease.value);
    } finally {
      lease.release();
    }
  }

  async acquire(options: AcquireOptions = {}): Promise<ClientLease<Client>> {
    const { client, giveBack } = await this.#requests.lease(options);
    return { value: client as Client, release: giveBack, [Symbol.dispose]: giveBack };
  }

  async ping(caller?: AbortSignal): Promise<number> {
    const { clock, hookTimeout, name } = this.#settings;
    const what = `a ping of the pool "${name}"`;
    const owned = deadlineSignal(clock, what, hookTimeout, caller, this.#requests.ending);
    const { signal, release } = owned;
    const begun = clock.now();
    try {
      signal.throwIfAborted();
      const client = await this.#source.client();
      const result = await client.ping({ select: true, abort_signal: signal });
      if (!result.success) throw signal.aborted ? signal.reason : result.error;
      return clock.now() - begun;
    } finally {
      release();
    }
  }

  setLimit(limit: number): void {
    const { max } = this.#settings;
    this.#requests.turns.admission.setLimit(checkInteger('limit', limit, { max }));
  }

  stats(): ClickHousePoolStats {
    return statsOf(this.#requests, this.#source.connections);
  }

  on<Event extends keyof ClickHousePoolEvents>(
    event: Event,
    listener: (payload: ClickHousePoolEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  drain({ timeout = '10s' }: { readonly timeout?: Duration | undefined } = {}): Promise<void> {
    const bound = toMilliseconds('drain.timeout', timeout, { min: 0 });
    this.#drained ??= this.#drain(bound);
    return this.#drained;
  }

  close(): Promise<void> {
    return this.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async *#batches<Row>(
    plan: FlightPlan,
    timeout: number | undefined,
    sql: string,
    options: QueryOptions,
  ): AsyncGenerator<Row[], void> {
    const flight = await this.#requests.run(
      plan,
      this.#requests.limits(timeout, options.signal, true),
      options.priority,
      queryRepeatable(sql, options),
      async (flight) => flight,
      true,
    );
    yield* readBatches<Row>(flight, this.#reading);
  }

  async #drain(timeout: number): Promise<void> {
    const { clock, name } = this.#settings;
    const { turns } = this.#requests;
    const { admission, leaks } = turns;
    const timer = clock.setTimer(() => this.#requests.end(), timeout, { keepAlive: true });
    // Those hold rows that are to be inserted yet; nobody else is let in meanwhile.
    turns.closeToCallers();
    await this.#inserters.close();
    admission.close();
    await admission.idle();
    timer.cancel();
    // A ping may still be under way.
    this.#requests.end();
    leaks?.close();
    try {
      await this.#source.close();
    } catch (error) {
      this.#events.emit('error', { pool: name, during: 'close', error });
    }
  }
}
