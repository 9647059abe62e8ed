import type { Trace } from './trace.ts';

/** What a trace needs of a cache. */
export interface ReplayedCache {
  get(key: number): unknown;
  set(key: number, value: true): unknown;
}

/** Plays the trace into the cache, storing on each miss. @returns how many accesses were hits */
export function countHits(trace: Trace, cache: ReplayedCache): number {
  let hits = 0;
  for (const key of trace) {
    if (cache.get(key) === undefined) cache.set(key, true);
    else hits++;
  }
  return hits;
}
