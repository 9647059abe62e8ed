import { setTimeout as wait } from 'node:timers/promises';
import type { RedisConnectionOptions } from '../../src/index.ts';
import type { Terms } from './checker.ts';
import type { Fleet } from './fleet.ts';
import type { MemberProcess } from './member-process.ts';
import type { Lines, RedisSite } from './redis-site.ts';
import { now } from './truth.ts';

/** How many keys there are; with the last of them that the first member alone writes. */
export const KEYS = 16;
/** A key that everybody writes, and the one that only the first member sets. */
const SHARED = 0;
const OWN = KEYS - 1;

/** Where a schedule happens. */
export interface Stage {
  readonly fleet: Fleet<RedisSite>;
  readonly first: MemberProcess;
  readonly second: MemberProcess;
  /** The ways of the two to the server. */
  readonly firstLines: Lines;
  readonly secondLines: Lines;
}

/** What leads to a read of something old, if a part does not do its work. */
export interface Schedule {
  /** Of what is read in the end, again and again, until something old was found. */
  readonly key: number;
  readonly run: (stage: Stage) => Promise<void>;
  readonly storeTimeout?: number;
  readonly connection?: RedisConnectionOptions;
  /** What members are started with in place of what is promised, instead of a part that does not work. */
  readonly memberTerms?: Partial<Terms>;
}

/** The second member has read the truth when the first one writes, of which it hears when it has stored. */
const writtenDuringLoad =
  (write: 'delete' | 'set', key: number): Schedule['run'] =>
  async (stage) => {
    const loading = await stage.second.hold({ act: 'load', key });
    await unheard(stage.fleet, stage.secondLines, async () => {
      await stage.first.do({ act: write, key });
      await loading.finish();
    });
  };

/** The second member has in memory what the first one then invalidates. */
const invalidatedInMemory =
  (write: 'delete' | 'invalidateTag'): Schedule['run'] =>
  async (stage) => {
    await join(stage);
    await stage.second.do({ act: 'load', key: SHARED });
    await stage.first.do({ act: write, key: SHARED });
  };

/** For each part that may be made not to do its work, what shows that it does not. */
export const SCHEDULES: Readonly<Record<string, Schedule>> = {
  'nothing is published': {
    key: SHARED,
    run: async (stage) => {
      const { fleet, first, second } = stage;
      await join(stage);
      fleet.calm();
      // Each time it is noticed, within a second or two.
      for (let round = 0; round < 5; round++) {
        await second.do({ act: 'load', key: SHARED });
        await first.do({ act: 'delete', key: SHARED });
        for (let read = 0; read < 8; read++) {
          await second.do({ act: 'get', key: SHARED });
          await wait(50);
        }
      }
    },
  },
  'messages are lost, and nobody notices': { key: SHARED, run: invalidatedInMemory('delete') },
  'nobody notices that the bus is gone': {
    key: SHARED,
    run: async (stage) => {
      await join(stage);
      await stage.second.do({ act: 'load', key: SHARED });
      await stage.secondLines.bus.cut({ refuse: true });
      await stage.first.do({ act: 'delete', key: SHARED });
      await stage.secondLines.bus.resume();
    },
  },
  'a fill does not ask for its ticket': { key: SHARED, run: writtenDuringLoad('delete', SHARED) },
  'deletes leave the tickets': { key: SHARED, run: writtenDuringLoad('delete', SHARED) },
  'sets leave the tickets': { key: OWN, run: writtenDuringLoad('set', OWN) },
  'an outage is hidden, and what was written meanwhile is lost': {
    key: SHARED,
    run: async ({ first, firstLines: { store } }) => {
      await first.do({ act: 'load', key: SHARED });
      await store.cut({ refuse: true });
      await first.do({ act: 'delete', key: SHARED });
      await store.resume();
    },
  },
  'late writes are not severed': {
    key: OWN,
    storeTimeout: 250,
    connection: { socketTimeout: 1000 },
    run: async ({ first, firstLines: { store } }) => {
      await first.do({ act: 'set', key: OWN });
      const held = store.connections((connection) => connection.sent('evalsha'));
      for (const connection of held) connection.hold('toServer');
      await first.do({ act: 'set', key: OWN });
      await first.do({ act: 'settle', key: OWN });
      await first.do({ act: 'delete', key: OWN });
      for (const connection of held) connection.release('toServer');
    },
  },
  'what was acknowledged is never repeated': {
    key: SHARED,
    run: async ({ fleet, first }) => {
      await first.do({ act: 'load', key: SHARED });
      await fleet.site.keepCopy();
      await first.do({ act: 'delete', key: SHARED });
      const rollback = await fleet.site.restoreCopy();
      if (rollback !== undefined) fleet.rolledBack(rollback);
    },
  },
  'a new ledger passes for the old one': {
    key: SHARED,
    run: async ({ fleet, first, second }) => {
      await second.do({ act: 'load', key: SHARED });
      await first.do({ act: 'invalidateTag', key: SHARED });
      // Whoever had known the former one would tell the others how far it went.
      await fleet.replaceAll(() => fleet.site.redis.command('DEL', `{${fleet.prefix}}:ledger`));
    },
  },
  'nobody hears of the facts of the ledger': {
    key: SHARED,
    run: invalidatedInMemory('invalidateTag'),
  },
  'news come before the write': {
    key: SHARED,
    run: async (stage) => {
      const { first, second } = stage;
      await join(stage);
      await second.do({ act: 'load', key: SHARED });
      const over = new AbortController();
      const deleting = first.do({ act: 'delete', key: SHARED }).finally(() => {
        over.abort();
      });
      while (!over.signal.aborted) {
        await second.do({ act: 'get', key: SHARED });
        await wait(10);
      }
      await deleting;
    },
  },
  'a write-through ends without its ticket': {
    key: SHARED,
    run: async ({ fleet, first, second, firstLines }) => {
      const writing = await first.hold({ act: 'writeThrough', key: SHARED });
      await unheard(fleet, firstLines, async () => {
        await second.do({ act: 'delete', key: SHARED });
        await writing.finish();
      });
    },
  },
  'an isolated process serves from memory for longer than it may': {
    key: SHARED,
    memberTerms: { serve: 60_000 },
    run: async ({ first, second, secondLines: { store, bus } }) => {
      await second.do({ act: 'load', key: SHARED });
      store.blackHole();
      bus.blackHole();
      await first.do({ act: 'delete', key: SHARED });
    },
  },
};

/** Both members hear each other, and have been there for long enough to trust their memory. */
function join({ fleet }: Stage): Promise<void> {
  return fleet.joined();
}

/** The member at the end of the lines hears of what happens only afterwards. */
async function unheard(
  fleet: Fleet<RedisSite>,
  { bus }: Lines,
  act: () => Promise<void>,
): Promise<void> {
  const from = now();
  bus.hold('toClient');
  await act();
  bus.release('toClient');
  fleet.delayed(from, now() - from);
}
