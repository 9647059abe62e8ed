import { randomInt } from 'node:crypto';
import { describe, test } from 'vitest';
import { runWorld, WORLDS } from './fleet-worlds.ts';

/** Schedules over all worlds: 10,000 by default. */
const SCHEDULES = Number(process.env['PERF_TORTURE_RUNS'] ?? 200) * 50;
const SEED = Number(process.env['PERF_FLEET_SEED'] ?? randomInt(2 ** 31));

console.log(`random schedules begin with PERF_FLEET_SEED=${SEED}`);

describe('25: no read is older than what was promised when it began', () => {
  test.each(WORLDS)('%s', (_, world) =>
    runWorld(world, { numRuns: Math.ceil(SCHEDULES / WORLDS.length), seed: SEED }),
  );
});
