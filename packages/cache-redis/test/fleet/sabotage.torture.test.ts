import { setTimeout as wait } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';
import { usePrograms } from './build-programs.ts';
import { findViolations, type Violation } from './checker.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { RedisSite } from './redis-site.ts';
import { longestWindow } from './run-fleet.ts';
import { KEYS, SCHEDULES, type Schedule } from './sabotage-schedules.ts';
import { now } from './truth.ts';

const MEMBERS = 2;
const TERMS = { serve: 2000, keep: 0 };
/** How long is looked for something old: on a busy machine, windows are longer. In milliseconds. */
const LONGEST = 20_000;

describe.skipIf(noRedis)('the checker of fleets', () => {
  const programs = usePrograms();

  /** What it finds in reads after the schedule, by all members, until it finds something or the time is over. */
  async function check(
    { key, run, connection, storeTimeout = 1000 }: Schedule,
    sabotage: Pick<FleetOptions, 'sabotage' | 'memberTerms'>,
    longest: number,
  ): Promise<readonly Violation[]> {
    const fleet = await Fleet.start(await RedisSite.start(MEMBERS, connection), {
      programs: programs(),
      seed: 1,
      members: MEMBERS,
      keys: KEYS,
      storeTimeout,
      ...TERMS,
      ...sabotage,
    });
    try {
      const [first, second] = fleet.seats.map(({ member }) => member);
      if (first === undefined || second === undefined) throw new Error('there are two');
      const [firstLines, secondLines] = [fleet.site.linesOf(0), fleet.site.linesOf(1)];
      await run({ fleet, first, second, firstLines, secondLines });
      const end = now() + longest;
      let found: readonly Violation[] = [];
      while (found.length === 0 && now() < end) {
        await Promise.all(fleet.seats.map(({ member }) => member.do({ act: 'get', key })));
        await wait(100);
        found = findViolations(fleet.history, TERMS, 1);
      }
      return found;
    } finally {
      await fleet.stop();
    }
  }

  describe.concurrent.each(Object.entries(SCHEDULES))('when %s', (name, schedule) => {
    const { memberTerms } = schedule;
    const sabotage = memberTerms === undefined ? { sabotage: name } : { memberTerms };

    test('finds it out', async ({ expect }) => {
      const [found] = await check(schedule, sabotage, LONGEST);
      expect(found?.kind).toBe('older than promised');
    });

    test('has nothing against the same schedule without that', async ({ expect }) => {
      expect(await check(schedule, {}, longestWindow(TERMS))).toEqual([]);
    });
  });
});
