import { defineChannel, type Channel } from '@perf/core';
import type { LimiterFullEvent } from '../limiters/telemetry.ts';

/** What decides: Redis, or, while it does not answer, what `failMode` says. */
export type LimiterMode = 'redis' | FailMode;

/**
 * What decides while Redis does not answer. `'local'`: a token bucket of this process. `'open'`: everything is admitted.
 * `'closed'`: everything is refused.
 */
export type FailMode = 'local' | 'open' | 'closed';

/** What a limiter in Redis tells. */
export interface RedisLimiterEvents {
  /** Something else decides from now on. */
  readonly mode: LimiterModeEvent;
  /** Redis refused a step for a reason of its key's own; that one was decided by `failMode`. */
  readonly trouble: LimiterTroubleEvent;
  /** As of a limiter of this process: keys without a place for their lease are decided by Redis one by one. */
  readonly full: LimiterFullEvent;
}

/** See {@link RedisLimiterEvents}. */
export interface LimiterModeEvent {
  readonly limiter: string;
  readonly mode: LimiterMode;
  /** Why Redis does not decide any more; absent when it does again. */
  readonly error?: unknown;
}

/** See {@link RedisLimiterEvents}. */
export interface LimiterTroubleEvent {
  readonly limiter: string;
  readonly error: unknown;
}

/** A limiter in Redis at one moment. */
export interface RedisLimiterSnapshot {
  readonly name: string;
  readonly mode: LimiterMode;
  /** Keys with a lease, or of which it is known that nothing is left. */
  readonly keys: number;
  /** How many wait for room. */
  readonly waiting: number;
  /** Requests since the start, by what became of them. */
  readonly admitted: number;
  readonly refused: number;
  /** Requests whose callers gave up. */
  readonly aborted: number;
  /** Admissions and refusals that `failMode` decided; counted above, too. */
  readonly withoutRedis: number;
  /** Steps that were sent to Redis since the start. */
  readonly steps: number;
}

/** Every event, for the emitter. */
export const REDIS_LIMITER_EVENTS: readonly (keyof RedisLimiterEvents)[] = [
  'mode',
  'trouble',
  'full',
];

/** `perf:limiter:mode` */
export const modeChannel: Channel<LimiterModeEvent> = defineChannel('limiter', 'mode');
