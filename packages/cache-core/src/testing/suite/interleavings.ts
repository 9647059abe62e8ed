import assert from 'node:assert/strict';
import {
  checksOf,
  isConditional,
  isShared,
  type CheckContext,
  type StoreCheck,
} from './store-check.ts';
import type { StoreDriver } from './store-driver.ts';

type Step = () => Promise<void>;

/** What the store caches. */
interface Database {
  value: string;
}

/** The steps of one actor on a key, in order. */
type Actor = (key: string, database: Database) => readonly Step[];

export const INTERLEAVING_CHECKS: readonly StoreCheck[] = checksOf('interleavings', isConditional, {
  'two write-throughs leave the last committed value or none': async (context) => {
    const [store, other] = await handles(context);
    await assertNeverOld(store, [writeThrough(store, 'one'), writeThrough(other, 'two')]);
  },

  'a load beside a write-through leaves the committed value or none, at every step': async (
    context,
  ) => {
    const [store, other] = await handles(context);
    const actors = [load(store, 't'), writeThrough(other, 'new')];
    await assertNeverOld(store, actors, 'at every step');
  },

  'a load beside a delete leaves the new value or none': async (context) => {
    const [store, other] = await handles(context);
    await assertNeverOld(store, [load(store, 't'), writeAndDelete(other, 'new')]);
  },

  'a load beside a set leaves the new value or none': async (context) => {
    const [store, other] = await handles(context);
    await assertNeverOld(store, [load(store, 't'), writeAndSet(other, 'new')]);
  },

  'two loads, one by takeover, beside a delete leave the new value or none': async (context) => {
    const [store, other] = await handles(context);
    await assertNeverOld(store, [
      load(store, 't'),
      load(other, 'u', 't'),
      writeAndDelete(other, 'new'),
    ]);
  },
});

async function handles({
  store,
  second,
  traits,
}: CheckContext): Promise<readonly [StoreDriver, StoreDriver]> {
  return [store, isShared(traits) ? await second() : store];
}

function load(store: StoreDriver, ticket: string, takeoverOf?: string): Actor {
  return (key, database) => {
    let isMine = false;
    let loaded = '';
    return [
      async () => {
        const reply = await store.ticket(key, ticket, { takeoverOf });
        isMine = reply.kind === 'mine';
      },
      async () => {
        loaded = database.value;
      },
      async () => {
        if (isMine) await store.fill(key, loaded, ticket);
      },
    ];
  };
}

function writeThrough(store: StoreDriver, value: string): Actor {
  return (key, database) => [
    async () => store.begin(key, `ticket of ${value}`),
    async () => {
      database.value = value;
    },
    async () => {
      await store.settle(key, value, `ticket of ${value}`);
    },
  ];
}

function writeAndDelete(store: StoreDriver, value: string): Actor {
  return (key, database) => [
    async () => {
      database.value = value;
    },
    async () => {
      await store.delete(key);
    },
  ];
}

function writeAndSet(store: StoreDriver, value: string): Actor {
  return (key, database) => [
    async () => {
      database.value = value;
    },
    async () => {
      await store.set(key, value);
    },
  ];
}

/** Tries every order of the actors' steps, each on a key of its own that holds the old value or none. */
async function assertNeverOld(
  store: StoreDriver,
  actors: readonly Actor[],
  when: 'at the end' | 'at every step' = 'at the end',
): Promise<void> {
  for (const holdsOld of [false, true]) {
    const lengths = actors.map((actor) => actor('', { value: '' }).length);
    for (const [number, order] of orders(lengths).entries()) {
      const key = `${holdsOld ? 'held' : 'absent'} ${number}`;
      const database = { value: 'old' };
      if (holdsOld) await store.set(key, 'old');
      const steps = actors.map((actor) => [...actor(key, database)]);
      for (const [done, actor] of order.entries()) {
        await steps[actor]?.shift()?.();
        if (when === 'at the end' && done < order.length - 1) continue;
        const [left] = await store.texts(key);
        assert.ok(
          left === undefined || left === database.value,
          `step ${done + 1} of ${order.join(' ')} leaves "${left}", the database has "${database.value}"`,
        );
      }
    }
  }
}

/** Every order of `lengths[i]` steps of actor i, as lists of actors. */
function orders(lengths: readonly number[]): readonly (readonly number[])[] {
  if (lengths.every((length) => length === 0)) return [[]];
  return lengths.flatMap((length, actor) => {
    if (length === 0) return [];
    const rest = lengths.with(actor, length - 1);
    return orders(rest).map((order) => [actor, ...order]);
  });
}
