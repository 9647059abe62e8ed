import { defineChannel, Emitter, type Channel } from '@perf/core';
import type { LeakEvent } from '../leaks/leak-watch.ts';
import type { DestroyReason, PoolStats, Timings } from '../statistics/pool-stats.ts';
import type { HttpErrorKind } from './errors.ts';

/** A request has ended: with a response, or without one. */
export interface HttpRequestEvent {
  /** The pool's name. */
  readonly pool: string;
  /** The client's. */
  readonly client: string;
  readonly method: string;
  readonly origin: string;
  /** `undefined` when there was no response. */
  readonly status: number | undefined;
  /** Why there was none. */
  readonly error: HttpErrorKind | undefined;
  /** Milliseconds from the call to the headers of the response, waits, retries and redirects included. */
  readonly duration: number;
}

/** A request will be sent again. */
export interface HttpRetryEvent {
  readonly pool: string;
  readonly client: string;
  /** The number of the try that is to come, from 2. */
  readonly attempt: number;
  /** Milliseconds until then. */
  readonly delay: number;
  /** What the last one failed with; `undefined` when it was a response. */
  readonly error: unknown;
  /** That of the response. */
  readonly status: number | undefined;
}

/** A body that nobody read held a connection for `timeouts.body`, and was given up. */
export interface HttpAbandonedEvent {
  readonly pool: string;
  readonly client: string;
  readonly method: string;
  readonly origin: string;
}

/** Events of an HTTP pool. */
export interface HttpPoolEvents {
  /** A connection was made. */
  readonly created: { readonly pool: string };
  /** A connection has ended. */
  readonly destroyed: { readonly pool: string; readonly reason: DestroyReason };
  readonly retry: HttpRetryEvent;
  readonly abandoned: HttpAbandonedEvent;
  /** A response holds its connection for longer than `leakThreshold`. */
  readonly leak: LeakEvent;
  /** What was reported as leaked has come back. */
  readonly leakReturned: LeakEvent;
}

const EVENTS = ['created', 'destroyed', 'retry', 'abandoned', 'leak', 'leakReturned'] as const;

/** `perf:pool:request`: each request to any HTTP pool, when its headers have come or it has failed. */
export const requestChannel: Channel<HttpRequestEvent> = defineChannel('pool', 'request');
/** `perf:pool:leak`: as of an object pool. */
const leakChannel: Channel<LeakEvent> = defineChannel('pool', 'leak');
/** `perf:pool:retry`: what the event `retry` says, of every HTTP pool. */
const retryChannel: Channel<HttpRetryEvent> = defineChannel('pool', 'retry');

/** Tells listeners and subscribers; what nobody listens to is not made. */
export class HttpEmitter extends Emitter<HttpPoolEvents> {
  readonly #pool: string;

  constructor(pool: string) {
    super(EVENTS);
    this.#pool = pool;
  }

  created(): void {
    if (this.has('created')) this.emit('created', { pool: this.#pool });
  }

  destroyed(reason: DestroyReason): void {
    if (this.has('destroyed')) this.emit('destroyed', { pool: this.#pool, reason });
  }

  leak(event: LeakEvent): void {
    this.emit('leak', event);
    if (leakChannel.active) leakChannel.publish(event);
  }

  retry(event: Omit<HttpRetryEvent, 'pool'>): void {
    if (!this.has('retry') && !retryChannel.active) return;
    const full = { pool: this.#pool, ...event };
    this.emit('retry', full);
    if (retryChannel.active) retryChannel.publish(full);
  }
}

/** One client since the start: a plain object. `requests` is `active` and all `responses` and `errors`. */
export interface HttpClientStats {
  readonly name: string;
  /** Calls. */
  readonly requests: number;
  /** Calls that have neither a response nor failed. */
  readonly active: number;
  /** Calls that wait for their turn. */
  readonly waiting: number;
  /** Calls that had a response, by the first digit of its status. */
  readonly responses: {
    readonly '2xx': number;
    readonly '3xx': number;
    readonly '4xx': number;
    readonly '5xx': number;
  };
  /** Calls that failed. */
  readonly errors: Readonly<Record<HttpErrorKind, number>>;
  /** Bodies that broke off. */
  readonly bodyErrors: Readonly<Record<HttpErrorKind, number>>;
  /** Requests that were sent again. */
  readonly retries: number;
  /** Redirects that were followed. */
  readonly redirects: number;
  /** From the call to the headers of the response, or to its failure. */
  readonly latencyMs: Timings;
}

/** What `stats()` of an HTTP pool returns: connections, and the clients by name. A request is `active` until its body is through. */
export interface HttpPoolStats extends PoolStats {
  /** Origins that are in use, or that connections are kept to. */
  readonly origins: number;
  /** Bodies that nobody read until they were given up. */
  readonly abandoned: number;
  readonly clients: Readonly<Record<string, HttpClientStats>>;
}
