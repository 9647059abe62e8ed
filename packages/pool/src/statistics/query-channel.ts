import { defineChannel, type Channel } from '@perf/core';

/** A query to a database has ended. */
export interface QueryEvent {
  /** The pool's name. */
  readonly pool: string;
  /** What it was for, in one word of a few. */
  readonly operation: string;
  /** Milliseconds that it took, the wait for its turn in the pool apart. */
  readonly duration: number;
  /** What it failed with, or was given up with; `undefined` when it succeeded. */
  readonly error: unknown;
}

/** `perf:pool:query`: each query of any pool of a database. */
export const queryChannel: Channel<QueryEvent> = defineChannel('pool', 'query');
