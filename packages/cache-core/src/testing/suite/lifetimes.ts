import assert from 'node:assert/strict';
import { LONG, type StoreDriver } from './store-driver.ts';
import { always, checksOf, type StoreCheck } from './store-check.ts';

const CENTURY = 100 * 365.25 * 86_400_000;

export const TTL_CHECKS: readonly StoreCheck[] = checksOf('lifetimes', always, {
  'an entry is absent when its time is over, the others are not': async ({
    store,
    short,
    passShort,
  }) => {
    await store.setMany([
      ['short', '1', short],
      ['long', '2', LONG],
      ['endless', '3', Infinity],
    ]);
    await passShort();
    assert.deepEqual(await store.texts('short', 'long', 'endless'), [undefined, '2', '3']);
  },

  'the shortest and the longest lifetimes are taken': async ({ store, passShort }) => {
    const results = await store.setMany([
      ['short', '1', 1],
      ['long', '2', CENTURY],
    ]);
    assert.deepEqual([...results], ['stored', 'stored']);
    await passShort();
    assert.deepEqual(await store.texts('short', 'long'), [undefined, '2']);
  },

  'the remaining time, where it is told, is that of the entry and runs out': async ({
    store,
    short,
    advance,
    traits,
  }) => {
    const slack = traits.expiryResolution ?? 1;
    await store.set('a', '1', LONG);
    const before = await remaining(store, 'a');
    if (before === undefined) return;
    assert.ok(before <= LONG + slack, `${before} of ${LONG} ms remain`);
    assert.ok(before > LONG / 2, `only ${before} of ${LONG} ms remain`);
    await advance(short);
    const after = (await remaining(store, 'a')) ?? Number.NaN;
    assert.ok(after <= before - short + slack, `${after} of ${before} ms remain after ${short} ms`);
    assert.ok(after > LONG / 2, `only ${after} of ${LONG} ms remain`);
  },

  'clearing what has expired, where the store can, removes just that': async ({
    store,
    short,
    passShort,
  }) => {
    await store.setMany([
      ['short', '1', short],
      ['long', '2', LONG],
    ]);
    await store.clearExpired();
    assert.deepEqual(await store.texts('short', 'long'), ['1', '2']);
    await passShort();
    await store.clearExpired();
    assert.deepEqual(await store.texts('short', 'long'), [undefined, '2']);
  },

  'an entry without end has no end': async ({ store, passShort }) => {
    await store.set('a', '1', Infinity);
    await passShort();
    assert.deepEqual(await store.texts('a'), ['1']);
    assert.ok([undefined, Infinity].includes(await remaining(store, 'a')));
  },

  'a later value brings its own lifetime': async ({ store, short, passShort }) => {
    await store.setMany([
      ['longer', '1', short],
      ['shorter', '1', LONG],
      ['endless', '1', short],
    ]);
    await store.setMany([
      ['longer', '2', LONG],
      ['shorter', '2', short],
      ['endless', '2', Infinity],
    ]);
    await passShort();
    assert.deepEqual(await store.texts('longer', 'shorter', 'endless'), ['2', undefined, '2']);
  },

  'an expired key can be set again': async ({ store, short, passShort }) => {
    await store.set('a', '1', short);
    await passShort();
    assert.equal(await store.set('a', '2', LONG), 'stored');
    assert.deepEqual(await store.texts('a'), ['2']);
  },
});

export const TOUCH_CHECKS: readonly StoreCheck[] = checksOf(
  'touch',
  ({ capabilities }) => capabilities.touch,
  {
    'touch lengthens and shortens the remaining lifetime': async ({ store, short, passShort }) => {
      await store.setMany([
        ['longer', '1', short],
        ['shorter', '2', LONG],
        ['endless', '3', short],
      ]);
      await store.touch(['longer'], LONG);
      await store.touch(['shorter'], short);
      await store.touch(['endless'], Infinity);
      await passShort();
      assert.deepEqual(await store.texts('longer', 'shorter', 'endless'), ['1', undefined, '3']);
    },

    'touch takes several keys, leaves others alone and creates none': async ({
      store,
      short,
      passShort,
    }) => {
      await store.setMany([
        ['a', '1', short],
        ['b', '2', short],
        ['c', '3', short],
      ]);
      await store.touch(['a', 'absent', 'c'], LONG);
      await store.touch([], LONG);
      await passShort();
      assert.deepEqual(await store.texts('a', 'b', 'c', 'absent'), [
        '1',
        undefined,
        '3',
        undefined,
      ]);
    },

    'touch does not bring back what has expired or was deleted': async ({
      store,
      short,
      passShort,
    }) => {
      await store.setMany([
        ['expired', '1', short],
        ['deleted', '2', LONG],
      ]);
      await passShort();
      await store.delete('deleted');
      await store.touch(['expired', 'deleted'], LONG);
      assert.deepEqual(await store.texts('expired', 'deleted'), [undefined, undefined]);
    },
  },
);

async function remaining(store: StoreDriver, key: string): Promise<number | undefined> {
  const entry = await store.get(key);
  assert.ok(entry !== undefined, `there is no entry under ${key}`);
  return entry.remaining;
}
