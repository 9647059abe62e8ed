import type { Policy } from '@perf/core';
import * as fc from 'fast-check';
import type { WorldOptions } from './fleet-instance.ts';
import { schedules } from './fleet-schedules.ts';
import { runSchedule } from './fleet-world.ts';

/** A policy that lets everything pass, so that no pause hides what a failing store leads to. */
const undecided: Policy = {
  execute: async (fn) => fn({ signal: new AbortController().signal }),
};

/** A world, and whether what happens in it goes wrong. */
export type World = WorldOptions & { readonly faults: boolean };

const bus = 'announced';

/** Where random schedules are run, by name. */
export const WORLDS: readonly (readonly [string, World])[] = [
  ['one instance, memory alone', { instances: 1, store: 'none', faults: false }],
  ['one instance on a store without fencing', { instances: 1, store: 'unfenced', faults: true }],
  ['two instances', { instances: 2, faults: false }],
  ['two instances and faults', { instances: 2, faults: true }],
  ['two instances and faults under a policy', { instances: 2, faults: true, policy: undecided }],
  ['three instances, serving in isolation', { instances: 3, faults: true, serve: 400 }],
  ['two instances and a bus', { instances: 2, faults: false, bus }],
  ['two instances, a bus and faults', { instances: 2, faults: true, bus, severs: true }],
  ['three instances, a bus and faults', { instances: 3, faults: true, bus, severs: true }],
  ['two instances with disks, a bus and faults', { instances: 2, faults: true, bus, narrow: true }],
  ['a bus, faults and isolation', { instances: 2, faults: true, bus, serve: 8000 }],
  ['a bus and faults under a policy', { instances: 2, faults: true, bus, policy: undecided }],
  ['a bus of another medium', { instances: 2, faults: true, bus: 'published', narrow: true }],
  ['disks, severed connections', { instances: 3, faults: true, bus, narrow: true, severs: true }],
  ['memory and a bus', { instances: 2, faults: true, bus: 'published', store: 'none' }],
  [
    'memory and a bus, in isolation',
    { instances: 3, faults: true, bus: 'published', store: 'none', serve: 8000 },
  ],
];

/** Runs so many random schedules; rejects with the shortest one that breaks the promise. */
export async function runWorld(
  { faults, ...world }: World,
  parameters: { readonly numRuns: number; readonly seed?: number },
): Promise<void> {
  const troubles = {
    faults,
    bus: world.bus !== undefined,
    narrow: world.narrow === true,
    severs: world.severs === true,
  };
  await fc.assert(
    fc.asyncProperty(schedules(world.instances, troubles), (steps) => runSchedule(steps, world)),
    parameters,
  );
}
