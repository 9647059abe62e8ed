import assert from 'node:assert/strict';
import { assertBytes, envelope, nonce } from './entry-bytes.ts';
import { checksOf, isConditional, isShared, type StoreCheck } from './store-check.ts';
import { LONG } from './store-driver.ts';

const MINE = { kind: 'mine' };

function held(ticket: string): object {
  return { kind: 'held', ticket };
}

export const TICKET_CHECKS: readonly StoreCheck[] = checksOf('tickets', isConditional, {
  'the first one to ask for an absent key gets its ticket, the next one hears who has it': async ({
    store,
  }) => {
    assert.deepEqual(await store.ticket('a', 't'), MINE);
    assert.deepEqual(await store.ticket('a', 'u'), held('t'));
    assert.deepEqual(await store.ticket('b', 'u'), MINE);
  },

  'who asks again under the same ticket still has it': async ({ store }) => {
    await store.ticket('a', 't');
    assert.deepEqual(await store.ticket('a', 't'), MINE);
  },

  'an entry that is there is returned instead of a ticket': async ({ store }) => {
    const bytes = envelope('a', 'value');
    await store.set('a', bytes, LONG);
    const reply = await store.ticket('a', 't');
    assert.equal(reply.kind, 'value');
    if (reply.kind === 'value') {
      assertBytes(reply.entry, bytes);
      assert.ok((reply.entry.remaining ?? 1) > 0);
    }
    await store.delete('a');
    assert.deepEqual(await store.ticket('a', 'u'), MINE);
  },

  'an expired entry counts as absent': async ({ store, short, passShort }) => {
    await store.set('a', envelope('a', 'value'), short);
    await passShort();
    assert.deepEqual(await store.ticket('a', 't'), MINE);
  },

  'an entry already judged bad counts as absent, and stays': async ({ store }) => {
    const bytes = envelope('a', 'bad', 7);
    await store.set('a', bytes);
    assert.deepEqual(await store.ticket('a', 't', { badNonce: nonce(7) }), MINE);
    assert.deepEqual(await store.ticket('a', 'u', { badNonce: nonce(7) }), held('t'));
    assertBytes(await store.get('a'), bytes);
  },

  'an entry with any other nonce than the bad one is returned': async ({ store }) => {
    await store.set('a', envelope('a', 'good', 8));
    assert.equal((await store.ticket('a', 't', { badNonce: nonce(7) })).kind, 'value');
    assert.equal((await store.ticket('a', 't', { badNonce: undefined })).kind, 'value');
  },

  'bytes that are no envelope have no nonce and are returned': async ({ store }) => {
    for (const value of ['', 'x', 'something that is longer than a header']) {
      await store.set('a', value);
      assert.equal((await store.ticket('a', 't', { badNonce: nonce(7) })).kind, 'value');
    }
  },

  'an entry is returned even while a ticket stands beside it': async ({ store }) => {
    await store.set('a', envelope('a', 'bad', 7));
    await store.ticket('a', 't', { badNonce: nonce(7) });
    assert.equal((await store.ticket('a', 'u')).kind, 'value');
    assert.equal((await store.ticket('a', 'u', { takeoverOf: 't' })).kind, 'value');
    assert.equal((await store.ticket('a', 't')).kind, 'value');
  },

  'a takeover displaces the ticket that it names and no other': async ({ store }) => {
    await store.ticket('a', 't');
    assert.deepEqual(await store.ticket('a', 'u', { takeoverOf: 'x' }), held('t'));
    assert.deepEqual(await store.ticket('a', 'u', { takeoverOf: 't' }), MINE);
    assert.deepEqual(await store.ticket('a', 'v', { takeoverOf: 't' }), held('u'));
    assert.deepEqual(await store.ticket('b', 'v', { takeoverOf: 't' }), MINE);
    assert.equal(await store.fill('a', 'of t', 't'), 'refused');
    assert.equal(await store.fill('a', 'of u', 'u'), 'stored');
  },

  'a ticket ends when its time is over': async ({ store, short, passShort }) => {
    await store.ticket('a', 't', { ttl: short });
    await store.ticket('b', 't', { ttl: LONG });
    await passShort();
    assert.deepEqual(await store.ticket('b', 'u'), held('t'));
    assert.equal(await store.renew('a', 't'), false);
    assert.equal(await store.release('a', 't'), false);
    assert.equal(await store.fill('a', '1', 't'), 'refused');
    assert.deepEqual(await store.texts('a'), [undefined]);
    assert.deepEqual(await store.ticket('a', 'u'), MINE);
  },

  'renewing lengthens the ticket that stands and no other': async ({ store, short, passShort }) => {
    await store.ticket('a', 't', { ttl: short });
    assert.equal(await store.renew('a', 'u'), false);
    assert.equal(await store.renew('b', 't'), false);
    assert.equal(await store.renew('a', 't'), true);
    await passShort();
    assert.deepEqual(await store.ticket('a', 'u'), held('t'));
  },

  'renewing another one changes nothing': async ({ store, short, passShort }) => {
    await store.ticket('a', 't', { ttl: short });
    await store.renew('a', 'u', LONG);
    await passShort();
    assert.deepEqual(await store.ticket('a', 'v'), MINE);
  },

  'a ticket is given back by its holder only, and stores nothing': async ({ store }) => {
    await store.ticket('a', 't');
    assert.equal(await store.release('a', 'u'), false);
    assert.equal(await store.release('b', 't'), false);
    assert.deepEqual(await store.ticket('a', 'u'), held('t'));
    assert.equal(await store.release('a', 't'), true);
    assert.equal(await store.release('a', 't'), false);
    assert.deepEqual(await store.texts('a'), [undefined]);
    assert.deepEqual(await store.ticket('a', 'u'), MINE);
  },

  'a fill under the ticket that stands is stored with its lifetime and ends the ticket': async ({
    store,
    short,
    passShort,
  }) => {
    await store.ticket('a', 't');
    await store.ticket('b', 't');
    assert.equal(await store.fill('a', '1', 't', short), 'stored');
    assert.equal(await store.fill('b', '2', 't', LONG), 'stored');
    assert.deepEqual(await store.texts('a', 'b'), ['1', '2']);
    assert.equal(await store.renew('a', 't'), false);
    assert.equal(await store.fill('a', 'again', 't'), 'refused');
    await passShort();
    assert.deepEqual(await store.texts('a', 'b'), [undefined, '2']);
    assert.deepEqual(await store.ticket('a', 'u'), MINE);
  },

  'a fill without the ticket that stands is refused and changes nothing': async ({ store }) => {
    assert.equal(await store.fill('a', '1', 't'), 'refused');
    await store.set('b', 'kept');
    assert.equal(await store.fill('b', '1', 't'), 'refused');
    await store.ticket('c', 't');
    assert.equal(await store.fill('c', '1', 'u'), 'refused');
    assert.deepEqual(await store.texts('a', 'b', 'c'), [undefined, 'kept', undefined]);
    assert.deepEqual(await store.ticket('c', 'v'), held('t'));
  },

  'a fill refused for its size leaves the ticket': async ({ store, traits }) => {
    const { maxValueBytes } = traits.capabilities;
    if (maxValueBytes === undefined) return;
    await store.ticket('a', 't');
    assert.equal(await store.fill('a', new Uint8Array(maxValueBytes + 1), 't'), 'refused');
    assert.equal(await store.release('a', 't'), true);
  },

  'a fill replaces the entry that was judged bad': async ({ store }) => {
    await store.set('a', envelope('a', 'bad', 7));
    await store.ticket('a', 't', { badNonce: nonce(7) });
    const bytes = envelope('a', 'good', 8);
    assert.equal(await store.fill('a', bytes, 't'), 'stored');
    assertBytes(await store.get('a'), bytes);
  },

  'set, delete and clear end the tickets of their keys': async ({ store }) => {
    for (const key of ['set', 'deleted', 'other']) await store.ticket(key, 't');
    await store.setMany([
      ['set', 'new'],
      ['x', 'x'],
    ]);
    assert.equal(await store.delete('deleted', 'absent'), 0);
    assert.equal(await store.fill('set', 'old', 't'), 'refused');
    assert.equal(await store.fill('deleted', 'old', 't'), 'refused');
    assert.deepEqual(await store.texts('set', 'deleted'), ['new', undefined]);
    assert.deepEqual(await store.ticket('other', 'u'), held('t'));
    await store.clear();
    assert.equal(await store.fill('other', 'old', 't'), 'refused');
    assert.deepEqual(await store.ticket('other', 'u'), MINE);
  },

  'an entry that expires does not end a ticket': async ({ store, short, passShort }) => {
    await store.set('a', envelope('a', 'bad', 7), short);
    await store.ticket('a', 't', { badNonce: nonce(7) });
    await passShort();
    assert.equal(await store.fill('a', '1', 't'), 'stored');
  },

  'tickets are told apart by key whatever the key': async ({ store }) => {
    const keys = ['a', 'A', 'a:t', 'a:t:t', 'a\0', '*', '__proto__', '../a', 'é', 'e\u0301'];
    for (const key of keys) assert.deepEqual(await store.ticket(key, `of ${key}`), MINE);
    for (const key of keys) assert.deepEqual(await store.ticket(key, 'u'), held(`of ${key}`));
    assert.deepEqual(new Set(await store.texts(...keys)), new Set([undefined]));
  },
});

export const SCANNED_TICKET_CHECKS: readonly StoreCheck[] = checksOf(
  'tickets',
  ({ capabilities }) => capabilities.conditional && capabilities.scan,
  {
    'tickets and the ledger are not among the keys': async ({ store }) => {
      await store.set('a', '1');
      await store.ticket('b', 't');
      await store.bump(['tag:x', 'all:']);
      assert.deepEqual(await store.keys(), ['a']);
    },
  },
);

export const SHARED_TICKET_CHECKS: readonly StoreCheck[] = checksOf(
  'tickets',
  (traits) => isConditional(traits) && isShared(traits),
  {
    'of all handles that ask at once, one gets the ticket': async ({ store, second }) => {
      const other = await second();
      const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
      const replies = await Promise.all(
        names.map((name, index) => (index % 2 ? other : store).ticket('a', name)),
      );
      const winners = names.filter((_, index) => replies[index]?.kind === 'mine');
      assert.equal(winners.length, 1, `${winners.length} got it`);
      for (const reply of replies) {
        if (reply.kind === 'held') assert.equal(reply.ticket, winners[0]);
      }
    },

    'of all handles that take a ticket over at once, one gets it': async ({ store, second }) => {
      const other = await second();
      await store.ticket('a', 'late');
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? other : store).ticket('a', `t${index}`, { takeoverOf: 'late' }),
        ),
      );
      assert.equal(replies.filter((reply) => reply.kind === 'mine').length, 1);
    },

    'what another handle sets, deletes or begins ends the ticket': async ({ store, second }) => {
      const other = await second();
      for (const key of ['set', 'deleted', 'begun']) await store.ticket(key, 't');
      await other.set('set', 'new');
      await other.delete('deleted');
      await other.begin('begun', 'u');
      assert.deepEqual(
        await Promise.all(['set', 'deleted', 'begun'].map((key) => store.fill(key, 'old', 't'))),
        ['refused', 'refused', 'refused'],
      );
      assert.deepEqual(await store.texts('set', 'deleted', 'begun'), ['new', undefined, undefined]);
    },

    'a ticket is renewed and given back through any handle': async ({ store, second }) => {
      const other = await second();
      await store.ticket('a', 't');
      assert.equal(await other.renew('a', 't'), true);
      assert.deepEqual(await other.ticket('a', 'u'), held('t'));
      assert.equal(await other.release('a', 't'), true);
      assert.equal(await store.fill('a', '1', 't'), 'refused');
    },
  },
);
