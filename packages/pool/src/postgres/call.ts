import { DueEntry } from '@perf/core';
import type { DriverClient, QueryConfig, QueryResult } from './client.ts';
import { Exchange, type ExchangeHost, type ValueEncoder } from './exchange.ts';
import type { Prepared } from './prepared-statements.ts';

/** How long one query may take, and what ends it. */
export interface CallLimits {
  /** By the clock; `Infinity` for never. */
  readonly due: number;
  readonly signal: AbortSignal | undefined;
}

/** Whoever is told how a call goes. */
export interface CallHost {
  /** It has settled: the caller has its answer. @param error `undefined` when it succeeded */
  settled(call: Call, error: unknown): void;
  /** The server has answered, or the connection is lost. Told also of calls that were given up. */
  answered(call: Call, error: unknown, result: QueryResult | undefined): void;
  expired(call: Call): void;
  aborted(call: Call): void;
}

/** One query on its way: an entry in the list of deadlines, and a listener on its signal, until it has settled. */
export class Call extends DueEntry implements ExchangeHost {
  readonly since: number;
  readonly text: string;
  readonly signal: AbortSignal | undefined;
  isSettled = false;
  readonly #config: QueryConfig;
  readonly #prepared: Prepared | undefined;
  readonly #host: CallHost;
  readonly #resolve: (result: QueryResult) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    host: CallHost,
    config: QueryConfig,
    prepared: Prepared | undefined,
    since: number,
    signal: AbortSignal | undefined,
    resolve: (result: QueryResult) => void,
    reject: (error: unknown) => void,
  ) {
    super();
    this.#host = host;
    this.#config = config;
    this.text = config.text;
    this.#prepared = prepared;
    this.since = since;
    this.signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener('abort', this);
  }

  /** Sends it. */
  start(client: DriverClient, encode: ValueEncoder): void {
    const { types = client, rowMode } = this.#config;
    const rows = { types, asArrays: rowMode === 'array' };
    client.query(new Exchange(this.#config, this.#prepared, encode, rows, this));
  }

  succeeded(result: QueryResult): void {
    this.#host.answered(this, undefined, result);
  }

  failed(error: unknown): void {
    this.#host.answered(this, error ?? new Error('the query failed'), undefined);
  }

  resolve(result: QueryResult): void {
    this.#settle(undefined);
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#settle(error);
    this.#reject(error);
  }

  override expire(): void {
    this.#host.expired(this);
  }

  handleEvent(): void {
    this.#host.aborted(this);
  }

  #settle(error: unknown): void {
    this.isSettled = true;
    this.#host.settled(this, error);
    this.signal?.removeEventListener('abort', this);
  }
}
