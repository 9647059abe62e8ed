import assert from 'node:assert/strict';
import { carriesDrops, checksOf, isConditional, isShared, type StoreCheck } from './store-check.ts';

const MANY = 2500;

export const DROP_CHECKS: readonly StoreCheck[] = checksOf(
  'drops',
  (traits) => carriesDrops(traits) && isShared(traits),
  {
    'the other handle hears of the keys that were set, deleted, begun or settled': async ({
      store,
      second,
    }) => {
      const other = await second();
      await store.begin('won', 'w');
      await store.begin('lost', 'w');
      const position = await other.position();
      await store.setMany([
        ['set', '1'],
        ['set too', '2'],
      ]);
      await store.delete('deleted');
      await store.begin('begun', 'w');
      await store.settle('won', '1', 'w');
      await store.settle('lost', '1', 'x');
      const { drops, gap } = await other.news(position);
      assert.equal(gap, false);
      assert.deepEqual([...new Set(drops)].toSorted(), [
        'begun',
        'deleted',
        'lost',
        'set',
        'set too',
        'won',
      ]);
    },

    'a delete is told even when there was nothing to delete': async ({ store, second }) => {
      const other = await second();
      const position = await other.position();
      assert.equal(await store.delete('a'), 0);
      assert.deepEqual([...(await other.news(position)).drops], ['a']);
    },

    'a handle does not hear of what it wrote itself': async ({ store, second }) => {
      const other = await second();
      const position = await store.position();
      await store.set('mine', '1');
      await other.set('theirs', '2');
      await store.delete('mine');
      await store.begin('mine', 'w');
      await store.settle('mine', '1', 'w');
      const { drops, gap } = await store.news(position);
      assert.deepEqual([[...drops], gap], [['theirs'], false]);
    },

    'loading a key is no news': async ({ store, second }) => {
      const other = await second();
      await store.set('touched', '1');
      const position = await other.position();
      await store.ticket('filled', 't');
      await store.renew('filled', 't');
      await store.fill('filled', '1', 't');
      await store.ticket('released', 't');
      await store.release('released', 't');
      await store.fill('refused', '1', 't');
      await store.getMany(['filled', 'absent']);
      if (store.store.touchMany !== undefined) await store.touch(['touched'], 1000);
      await store.bump(['tag:x']);
      assert.deepEqual([...(await other.news(position)).drops], []);
    },

    'every handle hears of every key once': async ({ store, second }) => {
      const [one, another] = [await second(), await second()];
      const positions = [await one.position(), await another.position()] as const;
      await store.delete('a');
      const first = await one.news(positions[0]);
      assert.deepEqual([...first.drops], ['a']);
      await store.delete('b');
      assert.deepEqual([...(await one.news(first.position)).drops], ['b']);
      const all = await another.news(positions[1]);
      assert.deepEqual([...all.drops].toSorted(), ['a', 'b']);
      assert.deepEqual([...(await another.news(all.position)).drops], []);
    },

    'many keys are told in pages without losing one, or there is a gap': async ({
      store,
      second,
    }) => {
      const other = await second();
      const position = await other.position();
      const keys = Array.from({ length: MANY }, (_, index) => `key ${index}`);
      for (let start = 0; start < MANY; start += 500) {
        await store.setMany(keys.slice(start, start + 500).map((key) => [key, '1'] as const));
      }
      const { drops, gap } = await other.news(position);
      if (!gap) assert.deepEqual([...new Set(drops)].toSorted(), keys.toSorted());
    },

    'keys of any content are told': async ({ store, second }) => {
      const other = await second();
      const position = await other.position();
      const keys = ['*', '\n', '\0', 'a\0b', '../', '__proto__', 'é', '👩‍👩‍👧', "'"];
      await store.delete(...keys);
      assert.deepEqual([...(await other.news(position)).drops].toSorted(), keys.toSorted());
    },
  },
);

export const DROP_LIMIT_CHECKS: readonly StoreCheck[] = checksOf(
  'drops',
  (traits) => carriesDrops(traits) && isShared(traits) && traits.dropsKept !== undefined,
  {
    'a reader who comes too late for what was forgotten is told of a gap, once': async ({
      store,
      second,
      traits,
    }) => {
      const other = await second();
      const position = await other.position();
      const written = 2 * (traits.dropsKept ?? 0) + 100;
      for (let start = 0; start < written; start += 500) {
        const length = Math.min(500, written - start);
        await store.delete(...Array.from({ length }, (_, index) => `key ${start + index}`));
      }
      const late = await other.news(position);
      assert.equal(late.gap, true);
      await store.delete('a');
      const next = await other.news(late.position);
      assert.deepEqual([[...next.drops], next.gap], [['a'], false]);
    },
  },
);

export const BUS_CHECKS: readonly StoreCheck[] = checksOf(
  'drops',
  (traits) => isConditional(traits) && isShared(traits) && !carriesDrops(traits),
  {
    'a store beside a bus tells no keys': async ({ store }) => {
      await store.set('a', '1');
      const { drops, drop, gap } = await store.delta();
      assert.deepEqual([[...drops], drop, gap], [[], 0, false]);
    },
  },
);
