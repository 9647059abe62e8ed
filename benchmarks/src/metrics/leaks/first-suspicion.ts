import { leakSuspicion, type Series } from '@perf/metrics/diagnose';
import { STEP } from './memory-series.ts';

/** As many samples as a profiler keeps. */
const KEPT = 10_000;
/** How often it is asked, in milliseconds. */
const EVERY = 30_000;

/** After how many minutes a leak is first suspected by who asks twice a minute; `undefined` if it never is. */
export function firstSuspicion({ times, values }: Series): number | undefined {
  for (let end = EVERY / STEP; end <= times.length; end += EVERY / STEP) {
    const from = Math.max(0, end - KEPT);
    const seen = { times: part(times, from, end), values: part(values, from, end) };
    if (leakSuspicion(seen) !== undefined) return (end * STEP) / 60_000;
  }
  return undefined;
}

function part(array: ArrayLike<number>, from: number, end: number): ArrayLike<number> {
  return Array.prototype.slice.call(array, from, end) as number[];
}
