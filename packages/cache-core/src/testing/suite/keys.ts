import assert from 'node:assert/strict';
import { always, checksOf, type StoreCheck, type StoreTraits } from './store-check.ts';

/** Keys that some store once took for something else, or for one another. */
const STRANGE_KEYS: readonly string[] = [
  ['*', '?', '[a-z]', '%', '_', '\\', '\n', '\r\n', '\t', ' ', '\0', 'a\0', 'a\0b', '\0a'],
  ['.', '..', '../', '../../etc/passwd', '/', '/a', 'a/', 'a/b', 'a//b', 'a\\b', 'C:\\a', '~'],
  ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '0', '-1'],
  ['a', 'ab', 'abc', 'A', 'AB', ' a', 'a ', 'a.', 'a:', 'a:t', 'a:ticket', 'a.tmp', 'a.lock'],
  ['ledger', ':ledger', '{a}', '{a}:t', '{', '}', '%2e%2e', 'CON', 'NUL', "'; DROP TABLE", '"'],
  [
    'é',
    'e\u0301',
    'ß',
    'ss',
    'SS',
    'İ',
    'i',
    '日本',
    '👩‍👩‍👧',
    '\u{10ffff}',
    '\uffff',
    '\ufeff',
    '\u2028',
  ],
  ['x'.repeat(250), 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(300), 'x'.repeat(5000)],
].flat();

const MEGABYTE = 2 ** 20;

export const KEY_CHECKS: readonly StoreCheck[] = checksOf('keys', always, {
  'keys of any content are told apart': async ({ store, traits }) => {
    const keys = STRANGE_KEYS.filter((key) => fits(key, traits));
    const results = await store.setMany(keys.map((key, index) => [key, `value ${index}`] as const));
    assert.deepEqual(new Set(results), new Set(['stored']));
    assert.deepEqual(
      await store.texts(...keys),
      keys.map((_, index) => `value ${index}`),
    );
  },

  'deleting a key of any content deletes no other': async ({ store, traits }) => {
    const keys = STRANGE_KEYS.filter((key) => fits(key, traits));
    await store.setMany(keys.map((key) => [key, key] as const));
    for (const [index, key] of keys.entries()) {
      assert.equal(await store.delete(key), 1, `delete of ${JSON.stringify(key)}`);
      const rest = keys.slice(index + 1);
      assert.deepEqual(await store.texts(key, ...rest), [undefined, ...rest]);
    }
  },

  'a key of any content is absent before it is set': async ({ store, traits }) => {
    const keys = STRANGE_KEYS.filter((key) => fits(key, traits));
    assert.deepEqual(new Set(await store.getMany(keys)), new Set([undefined]));
    assert.equal(await store.delete(...keys), 0);
  },

  'keys as long as they may be are told apart by their last character': async ({
    store,
    traits,
  }) => {
    const long = 'k'.repeat(Math.min(MEGABYTE, traits.capabilities.maxKeyBytes ?? Infinity) - 1);
    await store.setMany([
      [`${long}1`, 'one'],
      [`${long}2`, 'two'],
    ]);
    assert.deepEqual(await store.texts(`${long}2`, `${long}1`, long), ['two', 'one', undefined]);
    assert.equal(await store.delete(`${long}1`), 1);
    assert.deepEqual(await store.texts(`${long}2`, `${long}1`), ['two', undefined]);
  },
});

export const KEY_LENGTH_CHECKS: readonly StoreCheck[] = checksOf(
  'keys',
  ({ capabilities }) => capabilities.maxKeyBytes !== undefined,
  {
    'a key that is too long is refused and absent, and hurts no other': async ({
      store,
      traits,
    }) => {
      const tooLong = 'k'.repeat((traits.capabilities.maxKeyBytes ?? 0) + 1);
      const results = await store.setMany([
        ['a', '1'],
        [tooLong, '2'],
        ['b', '3'],
      ]);
      assert.deepEqual([...results], ['stored', 'refused', 'stored']);
      assert.deepEqual(await store.texts('a', tooLong, 'b'), ['1', undefined, '3']);
      assert.equal(await store.delete('a', tooLong), 1);
    },

    'the length of a key is counted in bytes of UTF-8': async ({ store, traits }) => {
      const most = traits.capabilities.maxKeyBytes ?? 0;
      const longest = 'é'.repeat(Math.floor(most / 2));
      assert.equal(await store.set(longest, '1'), 'stored');
      assert.equal(await store.set(`${longest}é`, '2'), 'refused');
      assert.deepEqual(await store.texts(longest, `${longest}é`), ['1', undefined]);
    },
  },
);

function fits(key: string, { capabilities }: StoreTraits): boolean {
  return Buffer.byteLength(key) <= (capabilities.maxKeyBytes ?? Infinity);
}
