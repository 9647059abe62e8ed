import type { SpaceSubject } from './space.ts';

/** Work of one process: fill a cache, with deletions and evictions in between, and time each operation. */
export interface StallInput {
  readonly subject: SpaceSubject;
  /** What the cache is bounded at. */
  readonly entries: number;
}

/** In milliseconds. */
export interface StallOutput {
  /** The longest operation, without collections of garbage and without time in which the process did not run. */
  readonly longest: number;
}

/** A piece of time, in milliseconds. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** How long the interval is without what lies in the others, which do not overlap each other. */
export function lengthWithout(interval: Interval, others: readonly Interval[]): number {
  let length = interval.end - interval.start;
  for (const { start, end } of others) {
    length -= Math.max(0, Math.min(end, interval.end) - Math.max(start, interval.start));
  }
  return length;
}
