import { DueEntry } from '@perf/core';
import type { QueryConfig, QueryResult } from './client.ts';

/** How long one query may take, and what ends it. */
export interface CallLimits {
  /** By the clock; `Infinity` for never. */
  readonly due: number;
  readonly signal: AbortSignal | undefined;
}

/** Whoever ends a call that takes too long, or that nobody wants any more. */
export interface CallHost {
  expired(call: Call): void;
  aborted(call: Call): void;
}

/** One query on its way: an entry in the list of deadlines, and a listener on its signal, until it has settled. */
export class Call extends DueEntry {
  readonly config: QueryConfig;
  readonly since: number;
  readonly signal: AbortSignal | undefined;
  isSettled = false;
  readonly #host: CallHost;
  readonly #resolve: (result: QueryResult) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    host: CallHost,
    config: QueryConfig,
    since: number,
    signal: AbortSignal | undefined,
    resolve: (result: QueryResult) => void,
    reject: (error: unknown) => void,
  ) {
    super();
    this.#host = host;
    this.config = config;
    this.since = since;
    this.signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener('abort', this);
  }

  resolve(result: QueryResult): void {
    this.#settle();
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  override expire(): void {
    this.#host.expired(this);
  }

  handleEvent(): void {
    this.#host.aborted(this);
  }

  #settle(): void {
    this.isSettled = true;
    this.signal?.removeEventListener('abort', this);
  }
}
