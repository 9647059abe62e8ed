import { seededRandom } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { createPoolAutoscaler, type PoolAutoscaler } from '../../src/autoscale/pool-autoscaler.ts';
import type { PoolAutoscalerOptions } from '../../src/autoscale/options.ts';
import type { PoolStats } from '../../src/statistics/pool-stats.ts';
import { statsOf } from '../monitor/stats-fixture.ts';

/** A pool in front of a service, as a simulation. */
export interface Service {
  /** Callers a second that come at a time, in seconds. */
  readonly rate: (second: number) => number;
  /** Milliseconds for which a caller holds one on average, while so many are out. */
  readonly hold: (active: number) => number;
  readonly max: number;
  readonly options?: PoolAutoscalerOptions;
  readonly seed?: number;
}

/** What came of it, second by second. */
export interface Course {
  readonly limits: readonly number[];
  readonly waiting: readonly number[];
  /** Callers served in each second. */
  readonly served: readonly number[];
}

const STEP = 5;

/** Runs the real autoscaler over a simulated pool by a manual clock: arrivals and ends are by chance, by a fixed seed. */
export function simulate({ rate, hold, max, options, seed = 1 }: Service, seconds: number): Course {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  let limit = max;
  let active = 0;
  let waiting = 0;
  let acquired = 0;
  let released = 0;
  const pool = {
    stats: (): PoolStats =>
      statsOf({ max, limit, active, waiting, acquired, released, total: active }),
    setLimit: (to: number) => {
      limit = to;
    },
  };
  const autoscaler: PoolAutoscaler = createPoolAutoscaler(pool, { clock, ...options });
  const course = { limits: [] as number[], waiting: [] as number[], served: [] as number[] };
  for (let second = 0; second < seconds; second++) {
    const before = released;
    let queued = 0;
    for (let time = 0; time < 1000; time += STEP) {
      waiting += poisson((rate(second + time / 1000) * STEP) / 1000, random);
      const ended = active === 0 ? 0 : binomial(active, 1 - Math.exp(-STEP / hold(active)), random);
      active -= ended;
      released += ended;
      const begun = Math.max(0, Math.min(waiting, limit - active));
      waiting -= begun;
      active += begun;
      acquired += begun;
      // Callers that have waited for long give up.
      waiting = Math.min(waiting, 2000);
      queued += waiting;
      clock.advance(STEP);
    }
    course.limits.push(limit);
    course.waiting.push((queued * STEP) / 1000);
    course.served.push(released - before);
  }
  void autoscaler.close();
  return course;
}

function poisson(mean: number, random: () => number): number {
  let count = 0;
  for (let left = Math.exp(-mean), product = random(); product > left; product *= random()) count++;
  return count;
}

function binomial(count: number, part: number, random: () => number): number {
  let hits = 0;
  for (let i = 0; i < count; i++) if (random() < part) hits++;
  return hits;
}
