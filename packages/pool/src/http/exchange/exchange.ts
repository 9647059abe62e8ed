import { afterArrivals, DueEntry, type Clock, type DueList } from '@perf/core';
import type { SentRequest, Connection } from '../connections/connection.ts';
import type { Origin } from '../connections/origins.ts';
import type { Call } from '../client/call.ts';
import type { Gate, Queue } from '../turns/turns.ts';
import type { Holding } from '../../leaks/leak-watch.ts';
import type { DestroyReason } from '../../statistics/pool-stats.ts';
import type { DispatchController, ReceivedHeaders } from '../driver.ts';
import {
  HttpBodyUsedError,
  HttpResponseTooLargeError,
  HttpTimeoutError,
  type HttpPhase,
} from '../errors.ts';
import { failureOf } from './failure.ts';
import { ResponseBody, type BodySource } from './response-body.ts';
import { ReceivedResponse } from './response.ts';

/** Of the client that sends something. */
export interface Sender {
  /** Its own limit. */
  readonly gate: Gate | undefined;
  readonly queues: readonly Queue[];
  /** A body broke off after its response had been handed over. */
  onBodyError(error: unknown, signal: AbortSignal | undefined): void;
}

/** What is taken for an exchange, and given back at its end. */
export interface ExchangeTurn {
  readonly sender: Sender;
  readonly origin: Origin;
  readonly gates: readonly Gate[];
  readonly connection: Connection;
  /** Of who looks for leaks. */
  readonly holding: Holding | undefined;
}

/** Who is told how an {@link Exchange} goes. */
export interface ExchangeHost {
  readonly clock: Clock;
  readonly deadlines: DueList;
  /** The request and its response are through, or have failed; the connection is free, or has to be ended for this reason. */
  onEnd(exchange: Exchange, unfit: DestroyReason | undefined): void;
  /** Nobody read the body for too long. */
  onAbandoned(exchange: Exchange): void;
}

/** A request and its response on one connection: from the sending until the body has come, or what it failed of. */
export class Exchange extends DueEntry implements SentRequest, BodySource {
  readonly call: Call;
  readonly turn: ExchangeTurn;
  /** The host's: where it is among those that run. */
  index = -1;
  readonly #host: ExchangeHost;
  readonly #signal: AbortSignal | undefined;
  #phase: HttpPhase = 'connect';
  #progress: number;
  #wasSent = false;
  /** Bytes that the connection had written when it was last looked at. */
  #written = 0;
  #isOver = false;
  #body: ResponseBody | undefined;
  #cancelExpiry: (() => void) | undefined;
  #answer: { resolve(response: ReceivedResponse): void; reject(error: unknown): void } | undefined;

  constructor(host: ExchangeHost, call: Call, turn: ExchangeTurn, signal: AbortSignal | undefined) {
    super();
    this.#host = host;
    this.call = call;
    this.turn = turn;
    this.#signal = signal;
    this.#progress = host.clock.now();
  }

  /** Resolves with the headers. Rejects with an {@link HttpError}, or the signal's reason. Once. */
  send(): Promise<ReceivedResponse> {
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      const { path, method, headers, body } = this.call;
      if (this.#signal?.aborted === true) {
        this.handleEvent();
        return;
      }
      this.#signal?.addEventListener('abort', this);
      this.#wait();
      this.turn.connection.send({ path, method, headers, body: body.content }, this);
    });
  }

  /** Ends it wherever it is. @param reason why its connection ends with it */
  fail(error: unknown, reason: DestroyReason = 'discarded'): void {
    if (this.#isOver) return;
    this.#end(reason);
    if (this.#body === undefined) {
      this.#answer?.reject(error);
      return;
    }
    if (error !== undefined) this.turn.sender.onBodyError(error, this.#signal);
    this.#body.fail(error);
  }

  onHandshake(): void {
    this.#enter('tls');
  }

  onRequestStart(): void {
    this.#wasSent = true;
    this.#enter('headers');
  }

  onResponseStart(
    controller: DispatchController,
    status: number,
    headers: ReceivedHeaders,
    statusText: string = '',
  ): void {
    if (status < 200 || this.#isOver) return;
    const { call } = this;
    const { maxResponseSize } = call.terms;
    const length = call.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
    if (length > maxResponseSize) {
      this.#refuseSize();
      return;
    }
    this.#enter('body');
    const body = new ResponseBody(this, controller);
    this.#body = body;
    const isAgain = call.isIdempotent && call.isReplayable && call.terms.isTransient(status);
    this.#answer?.resolve(new ReceivedResponse(status, statusText, headers, body, call, isAgain));
  }

  onResponseData(_controller: DispatchController, chunk: Buffer): void {
    if (this.#isOver || this.#body === undefined) return;
    this.#progress = this.#host.clock.coarse();
    if (this.#body.received + chunk.length > this.call.terms.maxResponseSize) this.#refuseSize();
    else this.#body.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#end(undefined);
    this.#body?.end();
  }

  onResponseError(_controller: DispatchController | undefined, error: Error): void {
    if (this.#isOver) return;
    const { isIdempotent, isReplayable } = this.call;
    const isHarmless = isReplayable && (isIdempotent || !this.#wasSent);
    this.fail(failureOf(error, this.#phase, this.call, isHarmless), 'lost');
  }

  /** Of the signal. */
  handleEvent(): void {
    this.fail(this.#signal?.reason);
  }

  override expire(): void {
    const { clock } = this.#host;
    this.#notice();
    const due = this.#dueAt;
    if (due > clock.now()) this.#wait();
    else this.#cancelExpiry = afterArrivals(clock, due, this.#onDue);
  }

  abandon(): void {
    this.fail(undefined);
  }

  onRead(): void {
    this.#progress = this.#host.clock.coarse();
  }

  usedTwice(): Error {
    return new HttpBodyUsedError(this.call);
  }

  get #dueAt(): number {
    const { timeouts, deadline } = this.call.terms;
    return Math.min(this.#progress + timeouts[this.#phase], deadline);
  }

  /** A body that is being sent is progress. What is sent at once cannot be watched. */
  #notice(): void {
    if (this.#phase !== 'headers' || this.call.isReplayable) return;
    const { bytesWritten } = this.turn.connection;
    if (bytesWritten > this.#written) this.#progress = this.#host.clock.now();
    this.#written = bytesWritten;
  }

  #wait(): void {
    const due = this.#dueAt;
    if (due !== Infinity) this.#host.deadlines.add(this, due, this.#host.clock.now());
  }

  readonly #onDue = (): void => {
    const { clock } = this.#host;
    if (this.#isOver) return;
    if (this.#dueAt > clock.now()) {
      if (!this.isListed) this.#wait();
      return;
    }
    const { deadline, timeouts } = this.call.terms;
    const isAll = deadline <= this.#progress + timeouts[this.#phase];
    const phase = isAll ? 'request' : this.#phase;
    const { isIdempotent, isReplayable } = this.call;
    const retryable = !isAll && isReplayable && (isIdempotent || !this.#wasSent);
    if (this.#body !== undefined && !this.#body.isUsed) this.#host.onAbandoned(this);
    this.fail(new HttpTimeoutError(phase, timeouts[phase], this.call, { retryable }));
  };

  /** The next part has begun, with a time of its own. */
  #enter(phase: HttpPhase): void {
    if (this.#isOver) return;
    const { clock, deadlines } = this.#host;
    this.#phase = phase;
    this.#progress = clock.now();
    // One that is due later than it was is looked at when it was.
    if (this.isListed && this.#dueAt >= this.due) return;
    deadlines.remove(this);
    this.#wait();
  }

  #refuseSize(): void {
    this.fail(new HttpResponseTooLargeError(this.call.terms.maxResponseSize, this.call));
  }

  #end(unfit: DestroyReason | undefined): void {
    this.#isOver = true;
    this.#host.deadlines.remove(this);
    this.#cancelExpiry?.();
    this.#signal?.removeEventListener('abort', this);
    this.#host.onEnd(this, unfit);
  }
}
