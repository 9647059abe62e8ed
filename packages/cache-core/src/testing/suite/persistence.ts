import assert from 'node:assert/strict';
import { assertBytes, pattern } from './entry-bytes.ts';
import { checksOf, type StoreCheck } from './store-check.ts';
import { LONG } from './store-driver.ts';

export const PERSISTENCE_CHECKS: readonly StoreCheck[] = checksOf(
  'persistence',
  ({ capabilities }) => capabilities.persistent,
  {
    'entries are there after the store was closed and opened': async ({ store, reopen }) => {
      await store.setMany([
        ['a', pattern(5000)],
        ['b', '2'],
        ['../\0', '3'],
        ['deleted', '4'],
      ]);
      await store.set('b', '5');
      await store.delete('deleted');
      const reopened = await reopen();
      assertBytes(await reopened.get('a'), pattern(5000));
      assert.deepEqual(await reopened.texts('b', '../\0', 'deleted'), ['5', '3', undefined]);
    },

    'lifetimes go on while the store is closed and afterwards': async ({
      store,
      reopen,
      short,
      passShort,
    }) => {
      await store.setMany([
        ['short', '1', short],
        ['long', '2', LONG],
      ]);
      const reopened = await reopen();
      await passShort();
      assert.deepEqual(await reopened.texts('short', 'long'), [undefined, '2']);
    },

    'what was cleared stays so': async ({ store, reopen }) => {
      await store.set('a', '1');
      await store.clear();
      assert.deepEqual(await (await reopen()).texts('a'), [undefined]);
    },
  },
);

export const LEDGER_PERSISTENCE_CHECKS: readonly StoreCheck[] = checksOf(
  'persistence',
  ({ capabilities }) => capabilities.persistent && capabilities.conditional,
  {
    'the ledger is the same one after the store was closed and opened': async ({
      store,
      reopen,
    }) => {
      const bumped = await store.bump(['tag:x', 'pattern:user:*']);
      const reopened = await reopen();
      const news = await reopened.news();
      assert.equal(news.id, bumped.id);
      assert.equal(news.facts.length, 2);
      assert.equal(news.seq, bumped.seq);
      const next = await reopened.bump(['tag:y']);
      assert.deepEqual([next.id, next.prev], [bumped.id, bumped.seq]);
      assert.ok(next.seq > bumped.seq);
    },
  },
);
