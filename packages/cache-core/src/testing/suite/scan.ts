import assert from 'node:assert/strict';
import { checksOf, type StoreCheck } from './store-check.ts';

const MANY = 2500;

export const SCAN_CHECKS: readonly StoreCheck[] = checksOf(
  'scan',
  ({ capabilities }) => capabilities.scan,
  {
    'an empty store has no keys': async ({ store }) => {
      assert.deepEqual(await store.keys(), []);
    },

    'every key comes once, over as many pages as it takes': async ({ store }) => {
      const keys = Array.from({ length: MANY }, (_, index) => `key ${index}`);
      await store.setMany(keys.map((key) => [key, ''] as const));
      assert.deepEqual((await store.keys()).toSorted(), keys.toSorted());
    },

    'only keys with the prefix come': async ({ store }) => {
      await store.setMany(
        ['user:1', 'user:2', 'user', 'User:1', 'x:user:1'].map((key) => [key, '']),
      );
      assert.deepEqual((await store.keys('user:')).toSorted(), ['user:1', 'user:2']);
      assert.deepEqual(await store.keys('nobody'), []);
      assert.deepEqual(await store.keys('User:1'), ['User:1']);
    },

    'the prefix is taken literally': async ({ store }) => {
      const prefixes = ['*', '?', '%', '_', '[a]', '\\', "'", '\n', '\0', '../', 'é', '👩'];
      const keys = [...prefixes.map((prefix) => `${prefix}1`), 'a1', 'x1', 'e1'];
      await store.setMany(keys.map((key) => [key, ''] as const));
      for (const prefix of prefixes) {
        const printed = `keys with the prefix ${JSON.stringify(prefix)}`;
        assert.deepEqual(await store.keys(prefix), [`${prefix}1`], printed);
      }
    },

    'keys that are deleted or have expired do not come': async ({ store, short, passShort }) => {
      await store.setMany([
        ['a', ''],
        ['deleted', ''],
        ['expired', '', short],
      ]);
      await store.delete('deleted');
      await passShort();
      assert.deepEqual(await store.keys(), ['a']);
    },

    'keys that nobody changes come once while others come and go': async ({ store }) => {
      // Those that go stand between the others, by age and by name.
      const keys = Array.from({ length: MANY }, (_, index) =>
        `${index}`.padStart(4, '0').concat(index % 5 === 0 ? ' goes' : ' kept'),
      );
      const kept = keys.filter((key) => key.endsWith('kept'));
      const goes = keys.filter((key) => key.endsWith('goes'));
      await store.setMany(keys.map((key) => [key, ''] as const));
      const seen: string[] = [];
      let page = 0;
      for await (const found of store.pages()) {
        seen.push(...found);
        await store.delete(...goes.slice(page * 10, page * 10 + 10));
        await store.set(`${page} comes`, '');
        page++;
      }
      const seenKept = seen.filter((key) => key.endsWith('kept'));
      assert.deepEqual(seenKept.toSorted(), kept.toSorted());
    },

    'a scan may be left before its end': async ({ store }) => {
      const keys = Array.from({ length: MANY }, (_, index) => `key ${index}`);
      await store.setMany(keys.map((key) => [key, ''] as const));
      for await (const page of store.pages()) if (page.length > 0) break;
      assert.equal((await store.keys()).length, MANY);
      assert.equal(await store.delete(...keys), MANY);
    },
  },
);
