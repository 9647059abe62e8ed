import type { Clock, DueList } from '@perf/core';

import { boundedHook } from '../object/bounded-hook.ts';
import { Call, type CallHost, type CallLimits } from './call.ts';
import { requestCancel } from './cancel-request.ts';
import type { DriverClient, QueryConfig, QueryResult } from './client.ts';
import type { ValueEncoder } from './exchange.ts';
import type { Prepared } from './prepared-statements.ts';
import { endsConnection, type TransactionStatus } from './sql-errors.ts';

/** What a {@link Connection} needs of its pool. */
export interface ConnectionHost {
  readonly clock: Clock;
  /** Of all calls of the pool. */
  readonly deadlines: DueList;
  /** Milliseconds that the server may take to end what it was told to end, and to say goodbye. */
  readonly hookTimeout: number;
  /** A client to the same server, not connected. */
  messenger(): DriverClient | PromiseLike<DriverClient>;
  /** For a call that took too long. */
  timedOut(milliseconds: number): Error;
  /** A query has settled. */
  ended(call: Call, error: unknown): void;
  /** A call was given up while it ran. @param isQuiet whether the connection may go on */
  cancelled(isQuiet: boolean): void;
}

/**
 * One connection, on which queries run one after another. It is *quiet* when the server waits for the next; only then its transaction status
 * is known, and only then it may be handed on.
 */
export class Connection implements CallHost {
  readonly client: DriverClient;
  /** Told when it is of no use any more, by something else than {@link close}. */
  onLost: ((error: unknown) => void) | undefined;
  readonly #host: ConnectionHost;
  readonly #encode: ValueEncoder;
  readonly #queue: Call[] = [];
  #active: Call | undefined;
  /** While what was given up is being cancelled. */
  #calming: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isClosing = false;
  #waiting: { readonly drained: () => void; readonly failed: (error: unknown) => void }[] = [];

  /** @param client connected */
  constructor(client: DriverClient, encode: ValueEncoder, host: ConnectionHost) {
    this.client = client;
    this.#encode = encode;
    this.#host = host;
    client.on('error', (error) => {
      this.fail(error);
    });
    client.on('end', () => {
      this.fail(new Error('Connection terminated unexpectedly'));
    });
    client.on('drain', this.#onDrain);
  }

  /** Of the last answer; to be asked when it is quiet. */
  get status(): TransactionStatus {
    return this.client.getTransactionStatus();
  }

  get isQuiet(): boolean {
    return this.#isFree && this.#queue.length === 0;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws what it has failed with */
  assertAlive(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** One query at its turn. Rejects with the server's error, the signal's reason, or the host's error when it is due. */
  send(
    config: QueryConfig,
    { due, signal }: CallLimits,
    prepared?: Prepared,
  ): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (this.#failure !== undefined) reject(this.#failure.error);
      else {
        const now = this.#host.clock.now();
        const call = new Call(this, config, prepared, now, signal, resolve, reject);
        if (due !== Infinity) this.#host.deadlines.add(call, due, now);
        if (this.#isFree && this.#queue.length === 0) this.#start(call);
        else this.#queue.push(call);
      }
    });
  }

  /** Resolves when it is quiet; rejects when it fails before. */
  async quiet(): Promise<void> {
    while (!this.isQuiet) await this.#nextDrain();
  }

  /** Gives up whatever was begun and has not ended. */
  abandon(reason: Error): void {
    for (const call of this.#queue.splice(0)) this.#settle(call, reason);
    if (this.#active !== undefined) this.#giveUp(this.#active, reason);
  }

  answered(call: Call, error: unknown, result: QueryResult | undefined): void {
    if (this.#active === call) this.#active = undefined;
    if (!call.isSettled) {
      this.#host.deadlines.remove(call);
      if (result === undefined) call.reject(error);
      else call.resolve(result);
    }
    if (result === undefined && endsConnection(error)) this.fail(error);
  }

  settled(call: Call, error: unknown): void {
    // An empty query is the connection's own probe.
    if (call.text !== '') this.#host.ended(call, error);
  }

  expired(call: Call): void {
    this.#giveUp(call, this.#host.timedOut(call.due - call.since));
  }

  aborted(call: Call): void {
    this.#giveUp(call, call.signal?.reason);
  }

  /** Ends it by force; what runs on it is rejected with the error. Idempotent. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    const isExpected = this.#isClosing;
    if (!isExpected) {
      void this.client.end();
      this.client.connection.stream.destroy();
    }
    if (this.#active !== undefined) this.#settle(this.#active, error);
    for (const call of this.#queue.splice(0)) this.#settle(call, error);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { failed } of waiting) failed(error);
    if (!isExpected) this.onLost?.(error);
  }

  /** Says goodbye, where the server listens; else ends it by force. Never rejects. */
  async close(reason: Error): Promise<void> {
    if (this.#failure !== undefined) return;
    const { client } = this;
    const { clock, hookTimeout } = this.#host;
    const isQuiet = this.isQuiet;
    this.#isClosing = true;
    this.fail(reason);
    const ended = client.end();
    if (!isQuiet) client.connection.stream.destroy();
    try {
      await boundedHook(clock, 'a goodbye', hookTimeout / 2, ended);
    } catch {
      client.connection.stream.destroy();
    }
  }

  get #isFree(): boolean {
    return (
      this.#active === undefined &&
      this.#calming === undefined &&
      this.client.readyForQuery === true
    );
  }

  #start(call: Call): void {
    this.#active = call;
    try {
      call.start(this.client, this.#encode);
    } catch (error) {
      // What has been sent by then, only pg knows.
      this.fail(error);
    }
  }

  #settle(call: Call, error: unknown): void {
    if (call.isSettled) return;
    this.#host.deadlines.remove(call);
    call.reject(error);
  }

  #giveUp(call: Call, reason: unknown): void {
    this.#settle(call, reason);
    const place = this.#queue.indexOf(call);
    if (place >= 0) this.#queue.splice(place, 1);
    else if (call === this.#active) this.#calming ??= this.#calm(call);
  }

  /** Makes the server end what it runs, and does not go on before that is certain. */
  async #calm(call: Call): Promise<void> {
    const { clock, hookTimeout } = this.#host;
    const giveUp = new AbortController();
    try {
      const ended = this.#cancel(call, giveUp.signal);
      await boundedHook(clock, 'the cancellation of a query', hookTimeout, ended);
    } catch (error) {
      giveUp.abort(error);
      this.fail(error);
    }
    this.#calming = undefined;
    this.#host.cancelled(this.#failure === undefined);
    this.#onDrain();
  }

  async #cancel(call: Call, signal: AbortSignal): Promise<void> {
    const isRunning = (): boolean => this.#active === call && this.#failure === undefined;
    // It may have been answered by the time that a new connection stands.
    const messenger = await this.#host.messenger();
    if (isRunning()) await requestCancel(this.client, messenger, signal, isRunning);
    await this.#drained();
    // A request that was passed on late, as by a bouncer, ends this one instead of somebody else's.
    this.#start(this.#probe());
    await this.#drained();
  }

  /** Whatever is queued: it is being calmed. */
  async #drained(): Promise<void> {
    while (this.#active !== undefined || this.client.readyForQuery !== true) {
      await this.#nextDrain();
    }
  }

  /** Whatever it answers. */
  #probe(): Call {
    return new Call(this, { text: '' }, undefined, 0, undefined, Boolean, Boolean);
  }

  #nextDrain(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    return new Promise((drained, failed) => {
      this.#waiting.push({ drained, failed });
    });
  }

  /** The server waits for the next. */
  readonly #onDrain = (): void => {
    if (this.#failure !== undefined) return;
    if (this.#isFree) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        this.#start(next);
        return;
      }
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { drained } of waiting) drained();
  };
}
