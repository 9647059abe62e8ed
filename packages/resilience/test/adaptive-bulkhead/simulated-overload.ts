import { seededRandom } from '@perf/core';
import type { ConcurrencyLimit } from '../../src/adaptive-bulkhead/concurrency-limit.ts';
import { SampleWindow } from '../../src/adaptive-bulkhead/sample-window.ts';

/** A service that works on some calls at once, each for a time; the others queue within it, in order. */
export interface SimulatedService {
  readonly workers: number;
  /** Milliseconds that a call is worked on, at a time. */
  readonly workTime: (now: number, random: () => number) => number;
}

export interface SimulatedLoad {
  readonly service: SimulatedService;
  /** Calls that arrive, in the long run, each millisecond. */
  readonly arrivals: number;
  /** Milliseconds. */
  readonly duration: number;
  /** A call that took longer does not count as good. */
  readonly deadline: number;
  readonly sampleTime?: number;
  readonly seed?: number;
}

export interface Simulated {
  /** Good calls each millisecond, over the second half. */
  readonly goodput: number;
  /** Of the calls that were let in, over the second half. */
  readonly p50: number;
  readonly p99: number;
  readonly limits: readonly number[];
}

/** Poisson arrivals at the service behind the limit; what finds no room is refused. */
export function simulate(limit: ConcurrencyLimit | undefined, load: SimulatedLoad): Simulated {
  const { service, arrivals, duration, deadline } = load;
  const random = seededRandom(load.seed ?? 1);
  const window = new SampleWindow(load.sampleTime ?? 100);
  /** When each worker is free. */
  const free: number[] = Array.from({ length: service.workers }, () => 0);
  /** In the order in which they end; those before `ended` have. */
  const running: { readonly end: number; readonly start: number }[] = [];
  let ended = 0;
  const times: number[] = [];
  const limits: number[] = [];
  let good = 0;
  const half = duration / 2;
  const finish = (now: number): void => {
    for (let next = running[ended]; next !== undefined && next.end <= now; next = running[ended]) {
      const time = next.end - next.start;
      const timedOut = time > deadline;
      if (next.end > half) {
        times.push(time);
        if (!timedOut) good++;
      }
      const inFlight = running.length - ended;
      const sample = window.add(Math.min(time, deadline), inFlight, timedOut, next.end);
      if (sample !== undefined && limit !== undefined) {
        limit.update(sample);
        limits.push(limit.limit);
      }
      ended++;
    }
  };
  for (let now = 0; now < duration; now -= Math.log(1 - random()) / arrivals) {
    finish(now);
    if (running.length - ended >= (limit?.limit ?? Infinity)) continue;
    let worker = 0;
    for (let other = 1; other < free.length; other++) {
      if ((free[other] ?? 0) < (free[worker] ?? 0)) worker = other;
    }
    const end = Math.max(now, free[worker] ?? 0) + service.workTime(now, random);
    free[worker] = end;
    let place = running.length;
    while (place > ended && (running[place - 1]?.end ?? 0) > end) place--;
    running.splice(place, 0, { start: now, end });
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { goodput: good / half, p50: at(0.5), p99: at(0.99), limits };
}

/** Always the same time. */
export const steady =
  (time: number): SimulatedService['workTime'] =>
  () =>
    time;

/** Exponentially distributed times. */
export const exponential =
  (mean: number): SimulatedService['workTime'] =>
  (_, random) =>
    -Math.log(1 - random()) * mean;
