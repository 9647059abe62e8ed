import { quantile, shuffled } from '../harness/statistics.ts';
import type { SpeedFigure, Workload } from './speed.ts';

/** A cache in one workload. */
export interface Contestant {
  readonly subject: string;
  readonly workload: Workload;
  /** Operations per step. */
  readonly count: number;
  /** Rounds before the first that counts. */
  readonly warmUp: number;
  /** What has to be done before a round and is not timed. */
  prepare(): void;
  /** One step. @returns hits, where they count */
  run(step: number): number;
  /** What a hit ratio is a part of, in one step; 0 where none is asked for. */
  lookups(step: number): number;
}

/**
 * Gives each a turn in every round, in an order of the round's own. A turn has two steps, of which the
 * second is timed: in the first, what the others have displaced comes back into the processor's caches.
 * Time is processor time, which does not run while others have the processor.
 */
export function takeTurns(
  contestants: readonly Contestant[],
  rounds: number,
  random: () => number,
): SpeedFigure[] {
  const tallies = contestants.map((contestant) => ({
    contestant,
    times: [] as number[],
    hits: 0,
    lookups: 0,
  }));
  const warmUp = Math.max(0, ...contestants.map((contestant) => contestant.warmUp));
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const tally of shuffled(tallies, random)) {
      const { contestant } = tally;
      const [first, second] = [round * 2, round * 2 + 1];
      contestant.prepare();
      contestant.run(first);
      const before = process.cpuUsage();
      const hits = contestant.run(second);
      const { user, system } = process.cpuUsage(before);
      if (round < warmUp) continue;
      tally.times.push(((user + system) * 1000) / contestant.count);
      tally.hits += hits;
      tally.lookups += contestant.lookups(second);
    }
  }
  return tallies.map(({ contestant: { subject, workload }, times, hits, lookups }) => {
    const figure = { subject, workload, nanoseconds: quantile(times, 0.25) };
    return lookups === 0 ? figure : { ...figure, hits: (hits / lookups) * 100 };
  });
}
