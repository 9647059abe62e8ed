import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '@perf/core/testing';
import { findViolations, longestStaleness, type Violation } from './checker.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import type { Load, Summary } from './messages.ts';
import {
  END_OF_WRITES,
  happen,
  SEAT_FAULTS,
  SERVER_FAULTS,
  torment,
  type Scene,
} from './nemesis.ts';

/** A bit of everything; rare enough that a stale entry would be seen before it is replaced. */
export const EVERYTHING: Load = {
  workers: 12,
  pause: 4,
  writes: 0.025,
  mix: {
    delete: 50,
    writeThrough: 25,
    set: 25,
    tags: 5,
    softTags: 4,
    pattern: 3,
    where: 1,
    clear: 0.5,
  },
  loader: 10,
  outliers: true,
};

/** What a run of a fleet has shown. */
export interface FleetReport {
  readonly violations: readonly Violation[];
  /** Of each process that was left: what it did, or nothing when it did not end by itself. */
  readonly summaries: readonly (Summary | undefined)[];
  readonly reads: number;
  readonly invalidations: number;
  /** How far behind a read was at most, the allowed ones included, in milliseconds. */
  readonly staleness: number;
  /** What was done to the fleet, and when. */
  readonly log: readonly string[];
}

/** The longest window after all faults are over, with some for a busy machine. */
function settleTime({ keep }: FleetOptions): number {
  return 4500 + keep;
}

/** Runs a fleet for a while under faults of all kinds, then in peace, and checks what its processes saw. */
export async function runFleet(options: FleetOptions, duration: number): Promise<FleetReport> {
  const fleet = await Fleet.start(options);
  try {
    const random = seededRandom(options.seed);
    const scene: Scene = { fleet, random, snapshot: undefined };
    const over = AbortSignal.timeout(duration);
    await Promise.all([torment(scene, SEAT_FAULTS, over), torment(scene, SERVER_FAULTS, over)]);
    await fleet.heal();
    fleet.say('healed');
    await wait(500);
    const summaries = await fleet.finish(settleTime(options));
    return report(fleet, options, summaries);
  } finally {
    await fleet.stop();
  }
}

/** How long there are writes before anything goes wrong, in milliseconds. */
const WRITING = 1500;

/**
 * Writes, does a few faults, and reads on in peace for longer than any window; again and again until the
 * checker has found a violation, or the time is over.
 */
export async function runUntilFound(
  options: FleetOptions,
  faults: readonly string[],
  longest: number,
): Promise<FleetReport> {
  const fleet = await Fleet.start(options);
  try {
    const scene: Scene = { fleet, random: seededRandom(options.seed), snapshot: undefined };
    const over = AbortSignal.timeout(longest);
    do {
      fleet.letWrite(true);
      await wait(WRITING);
      for (const name of faults) {
        await happen(scene, name, { ...SEAT_FAULTS, ...SERVER_FAULTS, ...END_OF_WRITES }[name]);
        await wait(200);
      }
      fleet.letWrite(false);
      await wait(settleTime(options));
    } while (!over.aborted && findViolations(fleet.history, options, 1).length === 0);
    return report(fleet, options, []);
  } finally {
    await fleet.stop();
  }
}

function report(
  fleet: Fleet,
  options: FleetOptions,
  summaries: readonly (Summary | undefined)[],
): FleetReport {
  const { history, log } = fleet;
  return {
    violations: findViolations(history, options),
    summaries,
    reads: history.processes.reduce((sum, { reads }) => sum + reads.length, 0),
    invalidations: history.processes.reduce((sum, one) => sum + one.invalidations.length, 0),
    staleness: longestStaleness(history),
    log,
  };
}
