import type { Policy } from '@perf/core';
import { ManualClock, seededRandom } from '@perf/core/testing';
import { quantile } from '../../harness/statistics.ts';
import { SimulatedService } from './simulated-service.ts';

const WORKERS = 20;
/** Milliseconds, on average. */
export const WORK_TIME = 10;
/** Calls that the service can work on in a millisecond. */
const CAPACITY = WORKERS / WORK_TIME;
/** Answers that come later are of no use any more. */
const DEADLINE = 20 * WORK_TIME;

/** How the time that a call is worked on is distributed. */
export type Work = 'steady' | 'exponential';

export interface Load {
  readonly work: Work;
  /** Calls offered, in capacities. */
  readonly offered: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly seed: number;
}

export interface LoadResult {
  /** Useful answers, in capacities, in the second half. */
  readonly goodput: number;
  /** Milliseconds from call to answer of the calls that were let in, in the second half. */
  readonly p99: number;
}

/** Poisson arrivals at a service behind a policy, or bare, in time that is simulated. */
export async function playLoad(
  make: ((clock: ManualClock) => Policy) | undefined,
  { work, offered, duration, seed }: Load,
): Promise<LoadResult> {
  const random = seededRandom(seed);
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean;
  const clock = new ManualClock();
  const workTime = work === 'steady' ? () => WORK_TIME : () => exponential(WORK_TIME);
  const service = new SimulatedService(clock, WORKERS, workTime);
  const policy = make?.(clock);
  const times: number[] = [];
  const call = async (): Promise<void> => {
    const began = clock.now();
    try {
      await (policy === undefined ? service.call() : policy.execute(() => service.call()));
    } catch {
      return;
    }
    if (clock.now() >= duration / 2 && clock.now() < duration) times.push(clock.now() - began);
  };
  for (let next = exponential(1 / (CAPACITY * offered)); next < duration;) {
    await clock.advanceAsync(next - clock.now());
    void call();
    next += exponential(1 / (CAPACITY * offered));
  }
  const useful = times.filter((time) => time <= DEADLINE).length;
  return { goodput: useful / (duration / 2) / CAPACITY, p99: quantile(times, 0.99) };
}
