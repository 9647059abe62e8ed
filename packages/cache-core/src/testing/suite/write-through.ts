import assert from 'node:assert/strict';
import { checksOf, isConditional, type StoreCheck } from './store-check.ts';
import { LONG } from './store-driver.ts';

const MINE = { kind: 'mine' };

export const WRITE_THROUGH_CHECKS: readonly StoreCheck[] = checksOf(
  'write-through',
  isConditional,
  {
    'begin removes the value and puts its ticket there': async ({ store }) => {
      await store.set('a', 'old');
      await store.begin('a', 'w');
      await store.begin('absent', 'w');
      assert.deepEqual(await store.texts('a'), [undefined]);
      for (const key of ['a', 'absent']) {
        assert.deepEqual(await store.ticket(key, 't'), { kind: 'held', ticket: 'w' });
      }
    },

    'begin displaces any ticket, so that what was loaded before is not stored': async ({
      store,
    }) => {
      await store.ticket('a', 't');
      await store.begin('a', 'w');
      assert.equal(await store.fill('a', 'old', 't'), 'refused');
      assert.equal(await store.release('a', 't'), false);
      assert.equal(await store.settle('a', 'new', 'w'), 'stored');
      assert.deepEqual(await store.texts('a'), ['new']);
    },

    'the ticket of begin can be renewed, taken over and runs out': async ({
      store,
      short,
      passShort,
    }) => {
      for (const key of ['renewed', 'over', 'taken']) await store.begin(key, 'w', short);
      assert.equal(await store.renew('renewed', 'w'), true);
      assert.deepEqual(await store.ticket('taken', 't', { takeoverOf: 'w' }), MINE);
      await passShort();
      assert.equal(await store.settle('renewed', '1', 'w'), 'stored');
      assert.equal(await store.settle('over', '1', 'w'), 'refused');
      assert.equal(await store.settle('taken', '1', 'w'), 'refused');
      assert.deepEqual(await store.texts('renewed', 'over', 'taken'), ['1', undefined, undefined]);
    },

    'settle stores with its lifetime and ends the ticket': async ({ store, short, passShort }) => {
      await store.begin('a', 'w');
      await store.begin('b', 'w');
      assert.equal(await store.settle('a', '1', 'w', short), 'stored');
      assert.equal(await store.settle('b', '2', 'w', LONG), 'stored');
      assert.equal(await store.renew('a', 'w'), false);
      assert.deepEqual(await store.texts('a', 'b'), ['1', '2']);
      await passShort();
      assert.deepEqual(await store.texts('a', 'b'), [undefined, '2']);
    },

    'settle without the ticket removes the value that is there': async ({ store }) => {
      await store.begin('a', 'w');
      await store.set('a', 'of another');
      assert.equal(await store.settle('a', 'mine', 'w'), 'refused');
      assert.deepEqual(await store.texts('a'), [undefined]);
    },

    'settle without the ticket removes the ticket that is there': async ({ store }) => {
      await store.begin('a', 'first');
      await store.begin('a', 'second');
      assert.equal(await store.settle('a', '1', 'first'), 'refused');
      assert.equal(await store.settle('a', '2', 'second'), 'refused');
      assert.deepEqual(await store.texts('a'), [undefined]);
      assert.deepEqual(await store.ticket('a', 't'), MINE);
    },

    'settle without any ticket stores nothing and leaves other keys alone': async ({ store }) => {
      await store.set('b', 'other');
      await store.ticket('c', 't');
      assert.equal(await store.settle('a', '1', 'w'), 'refused');
      assert.deepEqual(await store.texts('a', 'b'), [undefined, 'other']);
      assert.equal(await store.fill('c', '1', 't'), 'stored');
    },
  },
);
