import { defineChannel, type Channel } from '@perf/core';
import type { LeakEvent } from '../leaks/leak-watch.ts';
import type { DestroyReason } from '../statistics/pool-stats.ts';

/** One was destroyed, or its destruction has begun. */
export interface DestroyEvent {
  readonly pool: string;
  readonly reason: DestroyReason;
}

/** Something failed that no caller was told of, or that one was told of by an error of its own. */
export interface PoolErrorEvent {
  readonly pool: string;
  readonly during: 'create' | 'validate' | 'reset' | 'destroy';
  readonly error: unknown;
}

/** Events of a pool. */
export interface PoolEvents {
  readonly created: { readonly pool: string };
  readonly destroyed: DestroyEvent;
  readonly error: PoolErrorEvent;
  /** Something is out for longer than `leakThreshold`. */
  readonly leak: LeakEvent;
  /** What was reported as leaked has come back. */
  readonly leakReturned: LeakEvent;
}

/** Every name of {@link PoolEvents}. */
export const POOL_EVENTS = ['created', 'destroyed', 'error', 'leak', 'leakReturned'] as const;

/** `perf:pool:leak`: what the event `leak` says, of every pool. */
export const leakChannel: Channel<LeakEvent> = defineChannel('pool', 'leak');
/** `perf:pool:error`: what the event `error` says, of every pool. */
export const errorChannel: Channel<PoolErrorEvent> = defineChannel('pool', 'error');
