import { afterAll, beforeAll, describe, test } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';
import { buildPrograms, type Programs } from './build-programs.ts';
import { expectKept } from './expect-kept.ts';
import { EVERYTHING, runFleet } from './run-fleet.ts';

describe.skipIf(noRedis)('several processes with a tiered cache each on one Redis', () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => {
    programs[Symbol.dispose]();
  });

  test('return nothing older than is promised, whatever happens to them, their connections and Redis', async () => {
    const seed = Date.now() % 1_000_000;
    const terms = { serve: 2000, keep: 400 };
    const fleet = { members: 4, keys: 300, load: EVERYTHING, ...terms };
    expectKept(await runFleet({ programs, seed, ...fleet }, 8000), seed);
  });
});
