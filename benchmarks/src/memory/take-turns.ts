import { quantile, shuffled } from '../harness/statistics.ts';
import type { SpeedFigure, Workload } from './speed.ts';

/** A cache in one workload. */
export interface Contestant {
  readonly subject: string;
  readonly workload: Workload;
  /** Operations per round. */
  readonly count: number;
  /** Untimed rounds before the first. */
  readonly warmUp: number;
  /** What has to be done before a round and is not timed. */
  prepare(round: number): void;
  /** The timed part. @returns hits, where they count */
  run(round: number): number;
  /** What a hit ratio is a part of, in one round; 0 where none is asked for. */
  lookups(round: number): number;
}

/** Gives each a turn in every round, in an order of the round's own. */
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
    for (const { contestant } of tallies) contestant.prepare(round);
    for (const tally of shuffled(tallies, random)) {
      const started = performance.now();
      const hits = tally.contestant.run(round);
      const elapsed = performance.now() - started;
      if (round < warmUp) continue;
      tally.times.push((elapsed * 1e6) / tally.contestant.count);
      tally.hits += hits;
      tally.lookups += tally.contestant.lookups(round);
    }
  }
  return tallies.map(({ contestant: { subject, workload }, times, hits, lookups }) => {
    const figure = { subject, workload, nanoseconds: quantile(times, 0.25) };
    return lookups === 0 ? figure : { ...figure, hits: (hits / lookups) * 100 };
  });
}
