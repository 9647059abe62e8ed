import { describe, test, vi } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';
import { usePrograms } from './build-programs.ts';
import type { Terms } from './checker.ts';
import { CLUSTER_FAULTS } from './cluster-faults.ts';
import { ClusterSite } from './cluster-site.ts';
import { expectKept } from './expect-kept.ts';
import type { Faults } from './nemesis.ts';
import { REDIS_FAULTS } from './redis-faults.ts';
import { RedisSite } from './redis-site.ts';
import { EVERYTHING, runFleet } from './run-fleet.ts';
import { SENTINEL_FAULTS } from './sentinel-faults.ts';
import { SentinelSite } from './sentinel-site.ts';
import type { Site } from './site.ts';

/** How long each fleet on one server is run under faults; half of that on others. */
const MINUTES = Number(process.env['PERF_TORTURE_MINUTES'] ?? 2);
const MEMBERS = 5;
// Besides the run itself: what starting, resting and the last reads may take on a busy machine.
vi.setConfig({ testTimeout: MINUTES * 60_000 + 300_000 });
const SEED = Number(process.env['PERF_TORTURE_SEED'] ?? Date.now() % 1_000_000);

describe.skipIf(noRedis)(`fleets under faults, by PERF_TORTURE_SEED=${SEED},`, () => {
  const programs = usePrograms();

  const LONG_SERVED = { serve: 6000, keep: 400 };
  const SOON_ALONE = { serve: 1000, keep: 0 };

  const FEW = { keys: 100, ...SOON_ALONE };
  const MANY = { keys: 3000, ...LONG_SERVED };

  /** Runs a fleet on the site and tells what it did. */
  async function keepThePromise<S extends Site>(
    site: S,
    faults: readonly Faults<S>[],
    fleet: Terms & { readonly keys: number },
    minutes: number,
  ): Promise<void> {
    const run = {
      programs: programs(),
      seed: SEED,
      members: MEMBERS,
      load: EVERYTHING,
      ...fleet,
    };
    const report = await runFleet(site, faults, run, minutes * 60_000);
    expectKept(report, SEED);
    const { reads, invalidations, staleness } = report;
    console.info(
      `${reads} reads, ${invalidations} invalidations, at most ${Math.round(staleness)} ms behind`,
    );
  }

  test.each([
    ['few keys that everybody wants', FEW],
    ['thousands of keys', MANY],
  ])('keep the promise with %s', async (_, fleet) => {
    await keepThePromise(await RedisSite.start(MEMBERS), REDIS_FAULTS, fleet, MINUTES);
  });

  test('keep the promise while Sentinels choose one primary after the other', async () => {
    await keepThePromise(await SentinelSite.start(), SENTINEL_FAULTS, FEW, MINUTES / 2);
  });

  test('keep the promise on a cluster whose slots move', async () => {
    await keepThePromise(await ClusterSite.start(), CLUSTER_FAULTS, FEW, MINUTES / 2);
  });
});
