import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';
import { buildPrograms, type Programs } from './build-programs.ts';
import type { FleetOptions } from './fleet.ts';
import type { Load } from './messages.ts';
import { runUntilFound } from './run-fleet.ts';

/** The longest that the checker is given, in milliseconds. */
const LONGEST = 120_000;

const LATE = ['the last writes are heard of late'];

/** Few keys that are read all the time, so that what is wrong is seen at once. */
const load = (mix: Load['mix'], loader: number = 15): Load => ({
  workers: 6,
  pause: 4,
  writes: 0.15,
  mix,
  loader,
  outliers: false,
});

/** What is needed to find each out: which writes, and which faults after them, again and again. */
const SCHEDULES: Readonly<
  Record<string, Partial<FleetOptions> & { readonly faults?: readonly string[] }>
> = {
  'messages are lost, and nobody notices': { load: load({ delete: 1 }) },
  'nobody notices that the bus is gone': { load: load({ delete: 1 }), faults: ['bus gone'] },
  // A load that hears of the change in time does not try to store; one that hears of it late does.
  'a fill does not ask for its ticket': { load: load({ delete: 1 }, 60), faults: LATE },
  'deletes leave the tickets': { load: load({ delete: 1 }, 60), faults: LATE },
  'sets leave the tickets': { load: load({ set: 1 }, 150), faults: LATE },
  'an outage is hidden, and what was written meanwhile is lost': {
    load: load({ delete: 1 }),
    faults: ['commands gone'],
  },
  'late writes are not severed': {
    load: load({ set: 1 }),
    faults: ['sets late'],
    socketTimeout: 1000,
  },
  'what was acknowledged is never repeated': {
    load: load({ delete: 1 }),
    faults: ['a copy is made', 'nothing for a while', 'back with an older copy'],
  },
  // What the lost ledger knew is missed by newcomers only, for keys that nobody has loaded again.
  'a new ledger passes for the old one': {
    load: load({ tags: 1 }),
    keys: 1000,
    faults: ['ledger lost', 'killed'],
  },
  'nobody hears of the facts of the ledger': { load: load({ tags: 1 }) },
  'news come before the write': { load: load({ delete: 1 }) },
  'a write-through ends without its ticket': { load: load({ writeThrough: 1 }), keys: 24 },
};

describe.skipIf(noRedis)('the checker of fleets finds out that', () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => {
    programs[Symbol.dispose]();
  });

  const find = async (options: Partial<FleetOptions>, faults: readonly string[]): Promise<void> => {
    const complete = { members: 3, keys: 120, load: load({ delete: 1 }), serve: 2000, keep: 400 };
    const { violations, log } = await runUntilFound(
      { programs, seed: 1, ...complete, ...options },
      faults,
      LONGEST,
    );
    expect(
      violations.map(({ kind }) => kind),
      log.join('\n'),
    ).toContain('older than promised');
  };

  test.each(Object.entries(SCHEDULES))('%s', (sabotage, { faults = [], ...options }) =>
    find({ sabotage, ...options }, faults),
  );

  test('an isolated process serves from memory for longer than it may', () =>
    find({ memberTerms: { serve: 60_000 } }, ['bus and commands gone']));
});
