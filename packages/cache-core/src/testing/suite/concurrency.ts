import assert from 'node:assert/strict';
import { textOf } from './entry-bytes.ts';
import { always, checksOf, isShared, type StoreCheck } from './store-check.ts';

const PARALLEL = 1000;
const LARGE = 2 ** 16;

export const CONCURRENCY_CHECKS: readonly StoreCheck[] = checksOf('concurrency', always, {
  'of many writes of one key called together the last one stays': async ({ store }) => {
    const calls = Array.from({ length: 50 }, (_, index) => store.set('a', `value ${index}`));
    await Promise.all(calls);
    assert.deepEqual(await store.texts('a'), ['value 49']);
  },

  'a delete called between two sets takes effect between them': async ({ store }) => {
    const [, first, , second] = await Promise.all([
      store.set('a', '1'),
      store.delete('a'),
      store.set('a', '2'),
      store.delete('a'),
    ]);
    assert.deepEqual([first, second], [1, 1]);
    await Promise.all([store.set('a', '3'), store.delete('a'), store.set('a', '4')]);
    assert.deepEqual(await store.texts('a'), ['4']);
  },

  'a read sees the writes that were called before it and none called after': async ({ store }) => {
    const reads: Promise<readonly (string | undefined)[]>[] = [];
    const writes: Promise<unknown>[] = [];
    for (let index = 0; index < 20; index++) {
      writes.push(store.set('a', `${index}`));
      reads.push(store.texts('a'));
    }
    assert.deepEqual(
      (await Promise.all(reads)).flat(),
      writes.map((_, index) => `${index}`),
    );
    await Promise.all(writes);
  },

  'overlapping batches take effect in call order': async ({ store }) => {
    await Promise.all([
      store.setMany([
        ['a', '1'],
        ['b', '1'],
      ]),
      store.setMany([
        ['b', '2'],
        ['c', '2'],
      ]),
      store.delete('c', 'd'),
      store.setMany([
        ['d', '3'],
        ['a', '3'],
      ]),
    ]);
    assert.deepEqual(await store.texts('a', 'b', 'c', 'd'), ['3', '2', undefined, '3']);
  },

  'a thousand calls at once are all answered': async ({ store }) => {
    const keys = Array.from({ length: PARALLEL }, (_, index) => `key ${index}`);
    const results = await Promise.all(keys.map((key) => store.set(key, key)));
    assert.deepEqual(new Set(results), new Set(['stored']));
    const entries = await Promise.all(keys.map((key) => store.get(key)));
    assert.deepEqual(
      entries.map((entry) => textOf(entry)),
      keys,
    );
    const counts = await Promise.all(keys.map((key) => store.delete(key)));
    assert.deepEqual(new Set(counts), new Set([1]));
  },

  'a value is read whole or not at all while it is being replaced': async ({ store, traits }) => {
    const length = Math.min(LARGE, traits.capabilities.maxValueBytes ?? Infinity);
    const calls: Promise<unknown>[] = [];
    for (let index = 1; index <= 20; index++) {
      calls.push(store.set('a', new Uint8Array(length).fill(index)));
      calls.push(store.get('a').then((entry) => assertWhole(entry?.bytes, length)));
    }
    await Promise.all(calls);
    assertWhole((await store.get('a'))?.bytes, length);
  },
});

export const HANDLE_CHECKS: readonly StoreCheck[] = checksOf('several handles', isShared, {
  'what one handle writes, overwrites and deletes the other one sees': async ({
    store,
    second,
  }) => {
    const other = await second();
    await store.set('a', '1');
    assert.deepEqual(await other.texts('a'), ['1']);
    await other.set('a', '2');
    assert.deepEqual(await store.texts('a'), ['2']);
    assert.equal(await store.delete('a'), 1);
    assert.deepEqual(await other.texts('a'), [undefined]);
    assert.equal(await other.delete('a'), 0);
  },

  'what one handle clears is gone for the other one': async ({ store, second }) => {
    const other = await second();
    await store.set('a', '1');
    await other.set('b', '2');
    await store.clear();
    assert.deepEqual(await other.texts('a', 'b'), [undefined, undefined]);
    await other.set('c', '3');
    assert.deepEqual(await store.texts('c'), ['3']);
  },

  'closing one handle leaves the other one and the data': async ({ store, second }) => {
    const other = await second();
    await store.set('a', '1');
    await store.store.close();
    assert.deepEqual(await other.texts('a'), ['1']);
    assert.equal(await other.set('a', '2'), 'stored');
  },

  'handles that write one key at once agree on whole values': async ({ store, second, traits }) => {
    const other = await second();
    const length = Math.min(LARGE, traits.capabilities.maxValueBytes ?? Infinity);
    const calls: Promise<unknown>[] = [];
    for (let index = 1; index <= 20; index++) {
      calls.push(store.set('a', new Uint8Array(length).fill(index)));
      calls.push(other.set('a', new Uint8Array(length).fill(100 + index)));
      calls.push(other.get('a').then((entry) => assertWhole(entry?.bytes, length)));
    }
    await Promise.all(calls);
    const [mine, theirs] = [await store.get('a'), await other.get('a')];
    assertWhole(mine?.bytes, length);
    assert.equal(mine?.bytes[0], theirs?.bytes[0]);
    assert.ok([20, 120].includes(mine?.bytes[0] ?? 0), 'a handle did not write in call order');
  },

  'handles that write different keys at once do not disturb each other': async ({
    store,
    second,
  }) => {
    const other = await second();
    const keys = Array.from({ length: 100 }, (_, index) => index);
    const results = await Promise.all(
      keys.flatMap((key) => [store.set(`a${key}`, 'mine'), other.set(`b${key}`, 'theirs')]),
    );
    assert.deepEqual(new Set(results), new Set(['stored']));
    const texts = await store.texts(...keys.flatMap((key) => [`a${key}`, `b${key}`]));
    assert.deepEqual(
      texts,
      keys.flatMap(() => ['mine', 'theirs']),
    );
  },
});

function assertWhole(bytes: Uint8Array | undefined, length: number): void {
  if (bytes === undefined) return;
  assert.equal(bytes.length, length);
  assert.ok(
    bytes.every((byte) => byte === bytes[0]),
    'parts of two values were put together',
  );
}
