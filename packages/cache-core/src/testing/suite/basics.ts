import assert from 'node:assert/strict';
import { assertBytes, pattern } from './entry-bytes.ts';
import { always, checksOf, type StoreCheck } from './store-check.ts';

const MEGABYTE = 2 ** 20;
const BATCH = 1000;

export const BASIC_CHECKS: readonly StoreCheck[] = checksOf('values', always, {
  'the store is what it was announced to be': async ({ store: { store }, traits }) => {
    assert.deepEqual({ ...store.capabilities }, { ...traits.capabilities });
    assert.equal(store.fencing !== undefined, traits.capabilities.conditional);
    assert.equal(store.keys !== undefined, traits.capabilities.scan);
    assert.equal(store.touchMany !== undefined, traits.capabilities.touch);
    assert.notEqual(store.name, '');
  },

  'a key that was never set is absent': async ({ store }) => {
    assert.equal(await store.get('a'), undefined);
  },

  'what was set comes back': async ({ store }) => {
    assert.equal(await store.set('a', 'value'), 'stored');
    assert.deepEqual(await store.texts('a'), ['value']);
  },

  'entries come in the order of the keys, absent ones between them': async ({ store }) => {
    await store.setMany([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    assert.deepEqual(await store.texts('c', 'x', 'a', 'y', 'b'), [
      '3',
      undefined,
      '1',
      undefined,
      '2',
    ]);
  },

  'a key asked for twice is answered twice': async ({ store }) => {
    await store.set('a', '1');
    assert.deepEqual(await store.texts('a', 'b', 'a'), ['1', undefined, '1']);
  },

  'setMany has one result per entry': async ({ store }) => {
    const results = await store.setMany([
      ['a', '1'],
      ['b', '2'],
    ]);
    assert.deepEqual([...results], ['stored', 'stored']);
  },

  'the last of several entries for one key in a batch is kept': async ({ store }) => {
    await store.setMany([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
    assert.deepEqual(await store.texts('a', 'b'), ['3', '2']);
  },

  'a later value replaces an earlier one, longer or shorter': async ({ store }) => {
    await store.set('a', 'a long value');
    await store.set('a', 'short');
    assert.deepEqual(await store.texts('a'), ['short']);
    await store.set('a', 'a long value again');
    assert.deepEqual(await store.texts('a'), ['a long value again']);
  },

  'deleteMany counts what was there and removes nothing else': async ({ store }) => {
    await store.setMany([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    assert.equal(await store.delete('a', 'x', 'c'), 2);
    assert.deepEqual(await store.texts('a', 'b', 'c'), [undefined, '2', undefined]);
    assert.equal(await store.delete('a'), 0);
  },

  'a key deleted twice in one call is counted once': async ({ store }) => {
    await store.set('a', '1');
    assert.equal(await store.delete('a', 'a'), 1);
  },

  'empty lists are answered with nothing': async ({ store }) => {
    assert.deepEqual([...(await store.getMany([]))], []);
    assert.deepEqual([...(await store.setMany([]))], []);
    assert.equal(await store.delete(), 0);
  },

  'batches of a thousand keys are read, written and deleted whole': async ({ store }) => {
    const keys = Array.from({ length: BATCH }, (_, index) => `key ${index}`);
    const results = await store.setMany(keys.map((key) => [key, `value of ${key}`] as const));
    assert.deepEqual(new Set(results), new Set(['stored']));
    assert.equal(results.length, BATCH);
    const reversed = keys.toReversed();
    assert.deepEqual(
      await store.texts(...reversed),
      reversed.map((key) => `value of ${key}`),
    );
    assert.equal(await store.delete(...keys), BATCH);
    assert.deepEqual(new Set(await store.texts(...keys)), new Set([undefined]));
  },

  'every byte comes back as it was': async ({ store }) => {
    const every = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.set('a', every);
    assertBytes(await store.get('a'), every);
  },

  'a value of no bytes is a value': async ({ store }) => {
    await store.set('a', new Uint8Array());
    assertBytes(await store.get('a'), new Uint8Array());
    assert.equal(await store.delete('a'), 1);
  },

  'large values come back whole': async ({ store, traits }) => {
    const value = pattern(Math.min(MEGABYTE, traits.capabilities.maxValueBytes ?? Infinity));
    assert.equal(await store.set('a', value), 'stored');
    assertBytes(await store.get('a'), value);
  },

  'of a view into a larger buffer only the view is stored': async ({ store }) => {
    const whole = pattern(100);
    await store.set('a', whole.subarray(10, 20));
    assertBytes(await store.get('a'), whole.slice(10, 20));
  },

  'changing bytes that were handed in does not change what is stored': async ({ store }) => {
    for (const given of [pattern(100), Buffer.from(pattern(100))]) {
      await store.set('a', given);
      given.fill(0);
      assertBytes(await store.get('a'), pattern(100));
    }
  },

  'changing bytes that were handed out does not change what is stored': async ({ store }) => {
    for (const given of [pattern(100), Buffer.from(pattern(100))]) {
      await store.set('a', given);
      (await store.get('a'))?.bytes.fill(0);
      assertBytes(await store.get('a'), pattern(100));
    }
  },
});

export const SIZE_CHECKS: readonly StoreCheck[] = checksOf(
  'values',
  ({ capabilities }) => capabilities.maxValueBytes !== undefined,
  {
    'a value of the greatest length is stored, a longer one refused': async ({ store, traits }) => {
      const most = traits.capabilities.maxValueBytes ?? 0;
      const results = await store.setMany([
        ['before', '1'],
        ['long', pattern(most)],
        ['too long', pattern(most + 1)],
        ['after', '2'],
      ]);
      assert.deepEqual([...results], ['stored', 'stored', 'refused', 'stored']);
      assert.deepEqual(await store.texts('before', 'too long', 'after'), ['1', undefined, '2']);
      assertBytes(await store.get('long'), pattern(most));
    },

    'a refused value is not mixed up with the former one': async ({ store, traits }) => {
      await store.set('a', 'former');
      const value = pattern((traits.capabilities.maxValueBytes ?? 0) + 1);
      assert.equal(await store.set('a', value), 'refused');
      const [text] = await store.texts('a');
      assert.ok(text === undefined || text === 'former');
    },
  },
);
