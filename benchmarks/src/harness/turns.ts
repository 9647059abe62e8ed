import { setImmediate } from 'node:timers/promises';
import { quantile, shuffled } from './statistics.ts';

/** What is timed in turns with others; asynchronous. */
export interface Contestant {
  readonly subject: string;
  readonly workload: string;
  /**
   * One turn.
   * @returns what an operation cost, in the unit of the group
   */
  run(): Promise<number>;
}

/** What an operation of a subject cost in one process: the lower, the better. */
export interface Cost {
  readonly subject: string;
  readonly workload: string;
  readonly value: number;
}

/** How often all have their turn, and how often before that, uncounted. */
export interface Rounds {
  readonly warmUp: number;
  readonly counted: number;
}

/**
 * Gives each contestant a turn in every round, in an order of the round's own. Of the rounds the lower
 * quartile counts: what else runs on the machine makes turns slower, never faster.
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  { warmUp, counted }: Rounds,
  random: () => number,
): Promise<Cost[]> {
  const tallies = contestants.map((contestant) => ({ contestant, values: [] as number[] }));
  for (let round = 0; round < warmUp + counted; round++) {
    for (const { contestant, values } of shuffled(tallies, random)) {
      const value = await contestant.run();
      // Promises alone never let timers and sockets have their turn.
      await setImmediate();
      if (round >= warmUp) values.push(value);
    }
  }
  return tallies.map(({ contestant: { subject, workload }, values }) => ({
    subject,
    workload,
    value: quantile(values, 0.25),
  }));
}

/** Processor time of all threads of this process per operation, in nanoseconds. */
export async function processorCost(count: number, run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / count;
}

/** Time per operation, in microseconds. */
export async function timeCost(count: number, run: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await run();
  return ((performance.now() - before) * 1000) / count;
}
