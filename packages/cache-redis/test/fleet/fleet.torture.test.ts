import { describe, test } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';
import { usePrograms } from './build-programs.ts';
import { expectKept } from './expect-kept.ts';
import { REDIS_FAULTS } from './redis-faults.ts';
import { RedisSite } from './redis-site.ts';
import { EVERYTHING, runFleet } from './run-fleet.ts';

/** How long each fleet is run under faults. */
const MINUTES = Number(process.env['PERF_TORTURE_MINUTES'] ?? 2);
const SEED = Number(process.env['PERF_TORTURE_SEED'] ?? Date.now() % 1_000_000);

describe.skipIf(noRedis)(`fleets under faults for ${MINUTES} minutes`, () => {
  const programs = usePrograms();

  const LONG_SERVED = { serve: 6000, keep: 400 };
  const SOON_ALONE = { serve: 1000, keep: 0 };

  test.each([
    ['few keys that everybody wants', { keys: 100, ...SOON_ALONE }],
    ['thousands of keys', { keys: 3000, ...LONG_SERVED }],
  ])('keep the promise with %s', async (_, fleet) => {
    const run = { programs: programs(), seed: SEED, members: 5, load: EVERYTHING, ...fleet };
    const site = await RedisSite.start(run.members);
    const report = await runFleet(site, REDIS_FAULTS, run, MINUTES * 60_000);
    expectKept(report, SEED);
    const { reads, invalidations, staleness } = report;
    console.info(
      `${reads} reads, ${invalidations} invalidations, at most ${Math.round(staleness)} ms behind`,
    );
  });
});
