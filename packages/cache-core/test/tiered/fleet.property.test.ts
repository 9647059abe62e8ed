import { describe, test } from 'vitest';
import { runWorld, WORLDS } from './fleet-worlds.ts';

/** Schedules per world; more of them find more. */
const RUNS = Number(process.env['PERF_FLEET_RUNS'] ?? 60);

describe('25: no read is older than what was promised when it began', () => {
  test.each(WORLDS)('%s', (_, world) => runWorld(world, { numRuns: RUNS }), 120_000);
});
