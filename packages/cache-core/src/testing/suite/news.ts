import assert from 'node:assert/strict';
import { keysOfDrop, type NewsDesk } from './news-desk.ts';
import { checksOf, type CheckContext, type StoreCheck, type StoreTraits } from './store-check.ts';
import type { StoreDriver } from './store-driver.ts';

function announces({ capabilities }: StoreTraits): boolean {
  return capabilities.announces !== undefined;
}

/** The store with news, who hears it, and what was written on the way. */
async function telling({ store, hear }: CheckContext): Promise<{
  readonly desk: NewsDesk;
  readonly told: StoreDriver;
}> {
  const desk = await hear();
  return { desk, told: store.called(() => desk.call()) };
}

/** Everything that was asked for has been heard, once, and names the keys. */
async function assertDropped(desk: NewsDesk, keys: readonly string[]): Promise<void> {
  const drops = (await desk.heard(desk.asked.length)).filter((text) => text.startsWith('drop'));
  assert.deepEqual(drops.toSorted(), desk.asked.toSorted());
  assert.deepEqual([...new Set(drops.flatMap(keysOfDrop))].toSorted(), keys.toSorted());
  desk.asked.length = 0;
}

export const NEWS_CHECKS: readonly StoreCheck[] = checksOf('news', announces, {
  'every number that a write asks for is published once, with the keys of the write': async (
    context,
  ) => {
    const { desk, told } = await telling(context);
    await told.setMany([
      ['a', '1'],
      ['b', '2'],
    ]);
    await assertDropped(desk, ['a', 'b']);
    await told.delete('a', 'absent');
    await assertDropped(desk, ['a', 'absent']);
    await told.begin('won', 'w');
    await assertDropped(desk, ['won']);
    assert.equal(await told.settle('won', '1', 'w'), 'stored');
    await assertDropped(desk, ['won']);
    assert.equal(await told.settle('lost', '1', 'w'), 'refused');
    await assertDropped(desk, ['lost']);
  },

  'writes at once are each told of': async (context) => {
    const { desk, told } = await telling(context);
    const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
    await Promise.all(
      keys.map((key, index) => (index % 2 ? told.set(key, '1') : told.delete(key))),
    );
    await assertDropped(desk, keys);
  },

  'keys of any content are told': async (context) => {
    const { desk, told } = await telling(context);
    const keys = ['*', '\n', '\0', 'a\0b', ' ', '../', '__proto__', 'é', '👩‍👩‍👧', "'", '"', '%s'];
    await told.delete(...keys);
    await assertDropped(desk, keys);
  },

  'a change of a key can be seen when it is told': async (context) => {
    const { desk, told } = await telling(context);
    const other = await context.second();
    const seen: Promise<readonly (string | undefined)[]>[] = [];
    desk.onMessage = (text) => {
      if (text.startsWith('drop')) seen.push(other.texts('k'));
    };
    await told.set('k', '1');
    await told.delete('k');
    await desk.heard(2);
    await context.store.set('k', '2');
    await told.begin('k', 'w');
    await told.settle('k', '3', 'w');
    await desk.heard(2);
    const texts = (await Promise.all(seen)).flat();
    // A later change may be seen already, an earlier state never.
    assert.ok(texts[0] !== '2' && texts[1] === undefined, `${String(texts[0])}, ${texts[1]}`);
    assert.notEqual(texts[2], '2');
    assert.deepEqual([texts[3], texts.length], ['3', 4]);
  },

  'a bump is told with the ledger, the number before and its own': async (context) => {
    const { desk, told } = await telling(context);
    const first = await told.bump(['tag:x', 'soft:y']);
    const second = await told.bump(['pattern:user:*'], first.seq + 5_000_000);
    assert.deepEqual(
      await desk.heard(2),
      [first, second].map(({ id, prev, seq }) => `bump ${id} ${prev} ${seq} of members`),
    );
  },

  'a bump can be seen when it is told': async (context) => {
    const { desk, told } = await telling(context);
    const other = await context.second();
    const seen: Promise<{ readonly seq: number }>[] = [];
    desk.onMessage = () => {
      seen.push(other.delta());
    };
    const { seq } = await told.bump(['tag:x']);
    await desk.heard(1);
    assert.deepEqual(
      (await Promise.all(seen)).map((delta) => delta.seq),
      [seq],
    );
  },

  'the end of a load is told, be it stored, settled or given back': async (context) => {
    const { desk, told } = await telling(context);
    await told.ticket('filled', 't1');
    await told.ticket('released', 't2');
    await told.begin('settled', 't3');
    await desk.heard(1);
    await told.fill('filled', '1', 't1');
    assert.deepEqual(await desk.heard(1), ['ended ["t1"]']);
    await told.release('released', 't2');
    assert.deepEqual(await desk.heard(1), ['ended ["t2"]']);
    await told.settle('settled', '1', 't3');
    assert.ok((await desk.heard(2)).includes('ended ["t3"]'), 'the settlement ends its ticket');
  },

  'a fill that is refused, and a ticket that does not stand, end nothing': async (context) => {
    const { desk, told } = await telling(context);
    await context.store.ticket('k', 'standing');
    assert.equal(await told.fill('k', '1', 'another'), 'refused');
    assert.equal(await told.release('k', 'another'), false);
    assert.deepEqual(await desk.heard(), []);
  },

  'reading and taking tickets is no news': async (context) => {
    const { desk, told } = await telling(context);
    await context.store.set('k', '1');
    await told.texts('k', 'absent');
    await told.ticket('k', 't');
    await told.ticket('l', 't');
    await told.renew('l', 't');
    if (told.store.touchMany !== undefined) await told.touch(['k'], 1000);
    await told.delta();
    assert.deepEqual([await desk.heard(), desk.asked], [[], []]);
  },

  'a write without news publishes nothing': async (context) => {
    const { desk } = await telling(context);
    const { store } = context;
    await store.set('k', '1');
    await store.delete('k');
    await store.begin('k', 'w');
    await store.settle('k', '1', 'w');
    await store.bump(['tag:x']);
    assert.deepEqual(await desk.heard(), []);
  },

  'a write given up before it began asks for no number, and publishes nothing': async (context) => {
    const desk = await context.hear();
    const late = context.store.called(() => desk.call(AbortSignal.abort(new Error('too late'))));
    await Promise.allSettled([late.set('k', '1'), late.delete('k'), late.begin('k', 'w')]);
    assert.deepEqual([await desk.heard(), desk.asked], [[], []]);
  },
});
