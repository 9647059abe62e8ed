import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '@perf/core/testing';
import { findViolations, longestStaleness, type Terms, type Violation } from './checker.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import type { Load, Summary } from './messages.ts';
import { torment, type Faults, type Scene } from './nemesis.ts';
import type { Site } from './site.ts';

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
export function longestWindow({ keep }: Terms): number {
  return 4500 + keep;
}

/** So little that everybody hears of everything at once, also on a busy machine. */
const LITTLE: Load = {
  workers: 3,
  pause: 20,
  writes: 0.1,
  mix: { delete: 50, writeThrough: 25, set: 25, tags: 5, pattern: 3, clear: 0.5 },
  loader: 10,
};

/** Runs a fleet for a while, in which nothing is done to it, and checks what its processes saw. */
export async function runInCalm(
  site: Site,
  options: Omit<FleetOptions, 'load'>,
  duration: number,
): Promise<FleetReport> {
  const fleet = await Fleet.start(site, { ...options, load: LITTLE });
  try {
    await fleet.joined();
    fleet.calm();
    await wait(duration);
    const summaries = await fleet.finish(0);
    return report(fleet, options, summaries);
  } finally {
    await fleet.stop();
  }
}

/**
 * Runs a fleet for a while under faults, then in peace, and checks what its processes saw.
 * @param faults one of each kind at a time
 */
export async function runFleet<S extends Site>(
  site: S,
  faults: readonly Faults<S>[],
  options: FleetOptions,
  duration: number,
): Promise<FleetReport> {
  const fleet = await Fleet.start(site, options);
  try {
    const scene: Scene<S> = { fleet, random: seededRandom(options.seed) };
    const over = AbortSignal.timeout(duration);
    await Promise.all(faults.map((kind) => torment(scene, kind, over)));
    await site.heal();
    fleet.say('healed');
    await wait(500);
    const summaries = await fleet.finish(longestWindow(options));
    return report(fleet, options, summaries);
  } finally {
    await fleet.stop();
  }
}

function report(
  fleet: Fleet,
  options: Terms,
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
