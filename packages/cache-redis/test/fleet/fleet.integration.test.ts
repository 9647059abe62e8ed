import { describe, test } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';
import { usePrograms } from './build-programs.ts';
import { expectKept } from './expect-kept.ts';
import { REDIS_FAULTS } from './redis-faults.ts';
import { RedisSite } from './redis-site.ts';
import { EVERYTHING, runFleet, runInCalm } from './run-fleet.ts';

describe.skipIf(noRedis)('several processes with a tiered cache each on one Redis', () => {
  const programs = usePrograms();

  test('return nothing older than what a message takes while nothing is wrong', async () => {
    const seed = Date.now() % 1_000_000;
    const fleet = { members: 2, keys: 40, serve: 2000, keep: 0, storeTimeout: 1000 };
    const site = await RedisSite.start(fleet.members);
    expectKept(await runInCalm(site, { programs: programs(), seed, ...fleet }, 4000), seed);
  });

  test('return nothing older than is promised, whatever happens to them, their connections and Redis', async () => {
    const seed = Date.now() % 1_000_000;
    const terms = { serve: 2000, keep: 400 };
    const fleet = { members: 4, keys: 300, load: EVERYTHING, ...terms };
    const run = { programs: programs(), seed, ...fleet };
    const site = await RedisSite.start(run.members);
    expectKept(await runFleet(site, REDIS_FAULTS, run, 8000), seed);
  });
});
