import { defineChannel, type Channel } from '@perf/core';

/** What became of one acquire. */
export interface AcquireEvent {
  /** The pool's name. */
  readonly pool: string;
  /** Milliseconds from the call to its end. */
  readonly waited: number;
  /** What it was rejected with; `undefined` when it got its turn. */
  readonly error: unknown;
}

/** `perf:pool:acquire`: each acquire of a driver's pool. */
export const acquireChannel: Channel<AcquireEvent> = defineChannel('pool', 'acquire');
