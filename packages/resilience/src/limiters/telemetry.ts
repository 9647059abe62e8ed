import { defineChannel, type Channel } from '@perf/core';

/** What a limiter of this process tells. */
export interface LimiterEvents {
  /** Its table has no room for a new key; until it has, new keys share one limit. Told once each time. */
  readonly full: LimiterFullEvent;
}

/** See {@link LimiterEvents}. */
export interface LimiterFullEvent {
  readonly limiter: string;
  readonly maxKeys: number;
}

/** A limiter at one moment. */
export interface LimiterSnapshot {
  readonly name: string;
  /** Keys that something counts against, and some that nothing does any more. */
  readonly keys: number;
  /** How many wait. */
  readonly waiting: number;
  /** Requests since the start, by what became of them. */
  readonly admitted: number;
  readonly refused: number;
  /** Waits that were aborted by their callers. */
  readonly aborted: number;
  /** Admissions and refusals of keys that shared one limit, since the table was full; counted above, too. */
  readonly overflowed: number;
}

/** Every event, for the emitter. */
export const LIMITER_EVENTS: readonly (keyof LimiterEvents)[] = ['full'];

/** `perf:limiter:full` */
export const fullChannel: Channel<LimiterFullEvent> = defineChannel('limiter', 'full');
