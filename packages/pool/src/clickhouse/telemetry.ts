import { defineChannel, Emitter, type Channel } from '@perf/core';
import type { LeakEvent } from '../leaks/leak-watch.ts';
import type { PoolStats } from '../statistics/pool-stats.ts';
import { queryChannel, type QueryEvent } from '../statistics/query-channel.ts';

/** What a request is for. */
export type ClickHouseOperation = 'query' | 'stream' | 'command' | 'insert' | 'lease';

/** A request has ended, at whatever attempt. */
export interface ClickHouseQueryEvent extends QueryEvent {
  readonly operation: ClickHouseOperation;
  /** Its number at the server. */
  readonly queryId: string;
}

/** A request will be sent again. */
export interface ClickHouseRetryEvent {
  readonly pool: string;
  /** The number of the attempt that is to come, from 2. */
  readonly attempt: number;
  /** Milliseconds until then. */
  readonly delay: number;
  readonly error: unknown;
}

/** Something failed that no caller was told of. */
export interface ClickHouseErrorEvent {
  readonly pool: string;
  readonly during: 'kill' | 'close';
  readonly error: unknown;
}

/** A batch of an inserter has ended. */
export interface ClickHouseBatchEvent {
  readonly pool: string;
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  /** What all its callers were rejected with; `undefined` when it was inserted. */
  readonly error: unknown;
}

/** Events of a ClickHouse pool. */
export interface ClickHousePoolEvents {
  readonly query: ClickHouseQueryEvent;
  readonly retry: ClickHouseRetryEvent;
  readonly batch: ClickHouseBatchEvent;
  readonly error: ClickHouseErrorEvent;
  /** A stream or a lease holds its turn for longer than `leakThreshold`. */
  readonly leak: LeakEvent;
  /** What was reported as leaked has come back. */
  readonly leakReturned: LeakEvent;
}

const EVENTS = ['query', 'retry', 'batch', 'error', 'leak', 'leakReturned'] as const;

/** `perf:pool:retry`: what the event `retry` says, of every pool that has one. */
const retryChannel: Channel<ClickHouseRetryEvent> = defineChannel('pool', 'retry');
/** `perf:pool:leak`: as of an object pool. */
const leakChannel: Channel<LeakEvent> = defineChannel('pool', 'leak');

/** Tells listeners and subscribers; what nobody listens to is not made. */
export class ClickHouseEmitter extends Emitter<ClickHousePoolEvents> {
  constructor() {
    super(EVENTS);
  }

  query(make: () => ClickHouseQueryEvent): void {
    if (!this.has('query') && !queryChannel.active) return;
    const event = make();
    this.emit('query', event);
    if (queryChannel.active) queryChannel.publish(event);
  }

  retry(event: ClickHouseRetryEvent): void {
    this.emit('retry', event);
    if (retryChannel.active) retryChannel.publish(event);
  }

  leak(event: LeakEvent): void {
    this.emit('leak', event);
    if (leakChannel.active) leakChannel.publish(event);
  }
}

/** What `stats()` of a ClickHouse pool returns. A request is `active` until its answer is through; `idle` are connections, of ours only. */
export interface ClickHousePoolStats extends PoolStats {
  /** Requests that were sent again. */
  readonly retries: number;
  /** Requests that failed, whatever attempt. */
  readonly failures: number;
}
