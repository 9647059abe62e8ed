import * as fc from 'fast-check';
import type { Policy } from '@perf/core';
import { describe, test } from 'vitest';
import { schedules } from './fleet-steps.ts';
import { runSchedule, type WorldOptions } from './fleet-world.ts';

const RUNS = Number(process.env['PERF_FLEET_RUNS'] ?? 1000);

/** A policy that lets everything pass, so that no pause hides what a failing store leads to. */
const undecided: Policy = {
  execute: async (fn) => fn({ signal: new AbortController().signal }),
};

describe('no read is older than what was promised when it began', () => {
  test.each<WorldOptions & { readonly faults: boolean }>([
    { instances: 1, store: 'none', faults: false },
    { instances: 1, store: 'unfenced', faults: true },
    { instances: 2, faults: false },
    { instances: 2, faults: true },
    { instances: 2, faults: true, policy: undecided },
    { instances: 3, faults: true, serve: 400 },
  ])(
    'with $instances instances on $store, faults: $faults',
    async ({ faults, ...world }) => {
      await fc.assert(
        fc.asyncProperty(schedules(world.instances, faults), (steps) => runSchedule(steps, world)),
        { numRuns: RUNS },
      );
    },
    120_000,
  );
});
