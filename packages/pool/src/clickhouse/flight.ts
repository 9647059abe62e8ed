import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { abortable, deadlineSignal, TimeoutError, type OwnedSignal } from '@perf/core';
import { PoolQueryTimeoutError } from '../errors.ts';
import type { ClickHouseClient, ClickHouseSettings } from './client.ts';
import type { ClickHousePoolSettings } from './options.ts';
import type { ClickHouseOperation } from './telemetry.ts';

/** What is asked of the server. */
export interface FlightPlan {
  readonly operation: ClickHouseOperation;
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly settings: ClickHouseSettings | undefined;
  readonly queryId: string | undefined;
  /** The data; made anew for each attempt. */
  readonly values?: (() => Readable) | undefined;
}

/** How long a call may take, and who may end it. */
export interface FlightLimits {
  /** By when the answer has to have begun, by the clock. */
  readonly openDue: number;
  /** By when it has to be through. */
  readonly due: number;
  /** As the caller gave it, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** Who has flights. */
export interface FlightHost {
  readonly settings: ClickHousePoolSettings;
  /** Aborts when what is under way is broken off. */
  readonly ending: AbortSignal;
  client(): Promise<ClickHouseClient>;
  /** It is over, and its permit free. @param error what it ended with */
  landed(flight: Flight, error: unknown): void;
  /** Makes the server end it. Never rejects. */
  kill(queryId: string): Promise<void>;
}

const TIMEOUT_EXCEEDED = '159';

/** One request under way: from its turn to the end of its answer. Whoever has it closes it. */
export class Flight {
  readonly queryId: string;
  readonly operation: ClickHouseOperation;
  /** When its turn came. */
  readonly since: number;
  /** The value of `X-ClickHouse-Exception-Tag`. */
  tag: string | undefined;
  readonly #host: FlightHost;
  readonly #plan: FlightPlan;
  readonly #limits: FlightLimits;
  readonly #given = new AbortController();
  #owned: OwnedSignal | undefined;
  #body: Readable | undefined;
  #reader: AsyncIterator<Buffer> | undefined;
  #isSent = false;
  #isThrough = false;
  /** The connection failed, or nothing comes: the server is not to be asked for more. */
  #isLost = false;
  #isClosed = false;
  #error: unknown;

  constructor(host: FlightHost, plan: FlightPlan, limits: FlightLimits) {
    this.#host = host;
    this.#plan = plan;
    this.#limits = limits;
    this.operation = plan.operation;
    this.queryId = plan.queryId ?? randomUUID();
    this.since = host.settings.clock.now();
  }

  /** Sends the request; resolves when its answer begins. Rejects with the server's or the connection's error, or why it was given up. */
  async open(): Promise<void> {
    const { openDue, due } = this.#limits;
    this.#owned = this.#bounded(openDue);
    const { signal } = this.#owned;
    try {
      const client = await abortable(this.#host.client(), signal);
      signal.throwIfAborted();
      this.#isSent = true;
      const { stream, response_headers: headers } = await client.exec(this.#request(signal));
      // Its errors are those of whoever reads it.
      stream.on('error', () => undefined);
      this.#body = stream;
      if (signal.aborted) throw signal.reason;
      const tag = headers?.['x-clickhouse-exception-tag'];
      this.tag = typeof tag === 'string' ? tag : undefined;
      if (due !== openDue) {
        this.#owned.release();
        this.#owned = this.#bounded(due);
      }
      this.#owned.signal.addEventListener('abort', this.#breakOff, { once: true });
    } catch (error) {
      this.#isLost = !signal.aborted;
      throw this.fail(error);
    }
  }

  /** The next piece of the answer; `undefined` at its end. Rejects with the connection's error, or why it was given up. */
  async next(): Promise<Buffer | undefined> {
    const { clock, stallTimeout, name } = this.#host.settings;
    const body = this.#body;
    if (body === undefined) return undefined;
    this.#reader ??= body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const timer =
      stallTimeout === Infinity || body.readableLength > 0
        ? undefined
        : clock.setTimer(
            () => {
              const what = `the next part of an answer to the pool "${name}"`;
              body.destroy(new TimeoutError(what, stallTimeout));
            },
            stallTimeout,
            { keepAlive: true },
          );
    try {
      const step = await this.#reader.next();
      if (this.#owned?.signal.aborted === true) throw this.#owned.signal.reason;
      if (step.done !== true) return step.value;
      this.#isThrough = true;
      return undefined;
    } catch (error) {
      this.#isLost = !this.isGivenUp;
      throw this.fail(error);
    } finally {
      timer?.cancel();
    }
  }

  /** Whether its caller gave it up. */
  get isAborted(): boolean {
    return this.#limits.signal?.aborted === true;
  }

  /** Whether it was given up: by its caller, its time or the pool. */
  get isGivenUp(): boolean {
    return this.#owned?.signal.aborted === true;
  }

  /** Notes what it fails with. @returns what its caller is to be told */
  fail(error: unknown): unknown {
    const { name } = this.#host.settings;
    const { timeout } = this.#limits;
    const signal = this.#owned?.signal;
    const { code, type } = error as { readonly code?: unknown; readonly type?: unknown };
    if (signal?.aborted === true) {
      const isOurs =
        signal.reason instanceof TimeoutError && signal.reason !== this.#limits.signal?.reason;
      this.#error = isOurs ? new PoolQueryTimeoutError(name, timeout) : signal.reason;
    } else if (typeof type === 'string') {
      // The server has ended it.
      this.#isThrough = true;
      const isLate = String(code) === TIMEOUT_EXCEEDED && this.#limits.due !== Infinity;
      this.#error = isLate ? new PoolQueryTimeoutError(name, timeout, { cause: error }) : error;
    } else {
      this.#error = error;
    }
    return this.#error;
  }

  /** Ends it, whatever its state; its permit is free when that has taken effect. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const isToKill =
      this.#isSent && !this.#isThrough && !this.#isLost && this.#host.settings.cancel === 'kill';
    this.#owned?.signal.removeEventListener('abort', this.#breakOff);
    if (this.#body === undefined) this.#given.abort();
    else if (!this.#isThrough) this.#body.destroy();
    this.#owned?.release();
    if (!isToKill) this.#host.landed(this, this.#error);
    else {
      void this.#host.kill(this.queryId).then(() => {
        this.#host.landed(this, this.#error);
      });
    }
  }

  /** Given up while its answer comes: whoever reads it may be busy elsewhere, and its turn is free at once. */
  readonly #breakOff = (): void => {
    this.fail(this.#owned?.signal.reason);
    this.close();
  };

  #bounded(due: number): OwnedSignal {
    const { clock, name } = this.#host.settings;
    const left = due === Infinity ? Infinity : Math.max(0, due - clock.now());
    const { signal } = this.#limits;
    return deadlineSignal(clock, name, left, signal, this.#host.ending, this.#given.signal);
  }

  #request(signal: AbortSignal): Parameters<ClickHouseClient['exec']>[0] {
    const { sql, params, values } = this.#plan;
    return {
      query: sql,
      query_id: this.queryId,
      abort_signal: signal,
      clickhouse_settings: this.#settings(),
      ...(params !== undefined && { query_params: { ...params } }),
      ...(values !== undefined && { values: values() }),
    };
  }

  #settings(): Record<string, string | number | boolean | undefined> {
    const { settings, readonlyUser, clock } = this.#host.settings;
    if (readonlyUser) return { ...this.#plan.settings };
    const { due } = this.#limits;
    return {
      // An error in the midst of a result is told by a text that is no row.
      http_write_exception_in_output_format: 0,
      cancel_http_readonly_queries_on_client_close: 1,
      ...(due !== Infinity && {
        max_execution_time: Math.max(1, Math.ceil(due - clock.now())) / 1000,
      }),
      ...settings,
      ...this.#plan.settings,
    };
  }
}
