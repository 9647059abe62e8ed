import assert from 'node:assert/strict';
import { assertBytes, envelope } from './entry-bytes.ts';
import { checksOf, isConditional, type StoreCheck } from './store-check.ts';
import { LONG, freshCall } from './store-driver.ts';

const MINE = { kind: 'mine' };

export const TICKET_BATCH_CHECKS: readonly StoreCheck[] = checksOf('batches', isConditional, {
  'tickets asked for together are answered key by key, in the order of the keys': async ({
    store,
  }) => {
    const bytes = envelope('there', 'value');
    await store.set('there', bytes);
    await store.ticket('taken', 'other');
    const [there, taken, ...free] = await store.tickets([
      ['there', 't'],
      ['taken', 't'],
      ['a', 't'],
      ['b', 'u'],
    ]);
    assert.equal(there?.kind, 'value');
    if (there?.kind === 'value') assertBytes(there.entry, bytes);
    assert.deepEqual([taken, ...free], [{ kind: 'held', ticket: 'other' }, MINE, MINE]);
    assert.deepEqual(await store.ticket('b', 'v'), { kind: 'held', ticket: 'u' });
  },

  'each key of a batch has wishes of its own': async ({ store, short, passShort }) => {
    await store.ticket('a', 'old');
    await store.ticket('b', 'old');
    assert.deepEqual(
      await store.tickets([
        ['a', 't', { takeoverOf: 'old' }],
        ['b', 't'],
        ['c', 't', { ttl: short }],
        ['d', 't', { ttl: LONG }],
      ]),
      [MINE, { kind: 'held', ticket: 'old' }, MINE, MINE],
    );
    await passShort();
    assert.deepEqual(await store.tickets(['c', 'd'].map((key) => [key, 'u'])), [
      MINE,
      { kind: 'held', ticket: 't' },
    ]);
  },

  'fills are stored or refused key by key, each with its lifetime': async ({
    store,
    short,
    passShort,
  }) => {
    await store.tickets(['a', 'b', 'c'].map((key) => [key, `of ${key}`]));
    assert.deepEqual(
      await store.fills([
        ['a', '1', 'of a', short],
        ['b', '2', 'of a', LONG],
        ['c', '3', 'of c', LONG],
        ['d', '4', 'of d', LONG],
      ]),
      ['stored', 'refused', 'stored', 'refused'],
    );
    assert.deepEqual(await store.texts('a', 'b', 'c', 'd'), ['1', undefined, '3', undefined]);
    await passShort();
    assert.deepEqual(await store.texts('a', 'c'), [undefined, '3']);
    assert.equal(await store.fill('b', '2', 'of b'), 'stored');
  },

  'tickets are renewed and given back key by key': async ({ store, short, passShort }) => {
    const { fencing } = store;
    const keys = ['a', 'b', 'c'];
    await store.tickets(keys.map((key) => [key, `of ${key}`, { ttl: short }]));
    const some = [
      { key: 'a', ticket: 'of a' },
      { key: 'b', ticket: 'of a' },
      { key: 'c', ticket: 'of c' },
    ];
    assert.deepEqual(await fencing.renewMany(some, LONG, freshCall()), [true, false, true]);
    await passShort();
    assert.deepEqual(await fencing.releaseMany(some, freshCall()), [true, false, true]);
    assert.deepEqual(await store.tickets(keys.map((key) => [key, 'u'])), [MINE, MINE, MINE]);
  },

  'what a batch says twice of one key takes effect in its order': async ({ store }) => {
    assert.deepEqual(
      await store.tickets([
        ['a', 't'],
        ['a', 'u'],
        ['a', 'u', { takeoverOf: 't' }],
      ]),
      [MINE, { kind: 'held', ticket: 't' }, MINE],
    );
    assert.deepEqual(
      await store.fills([
        ['a', '1', 't'],
        ['a', '2', 'u'],
        ['a', '3', 'u'],
      ]),
      ['refused', 'stored', 'refused'],
    );
    assert.deepEqual(await store.texts('a'), ['2']);
  },

  'no keys have no answers': async ({ store }) => {
    const { fencing } = store;
    assert.deepEqual(
      await Promise.all([
        fencing.ticketMany([], freshCall()),
        fencing.renewMany([], LONG, freshCall()),
        fencing.releaseMany([], freshCall()),
        fencing.fillMany([], freshCall()),
      ]),
      [[], [], [], []],
    );
  },
});
