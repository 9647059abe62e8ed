import assert from 'node:assert/strict';
import { ClosedError } from '@perf/core';
import type { CacheStore } from '../../contracts/cache-store.ts';
import { readsOf, writesOf } from './operations.ts';
import { freshCall } from './store-driver.ts';
import { always, checksOf, type StoreCheck } from './store-check.ts';

const WHY = new Error('given up before it was called');
const ABORTED = { signal: AbortSignal.abort(WHY) };

export const LIFECYCLE_CHECKS: readonly StoreCheck[] = checksOf('lifecycle', always, {
  'clear removes every entry, and the store goes on': async ({ store }) => {
    await store.clear();
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`);
    await store.setMany(keys.map((key) => [key, '1'] as const));
    await store.clear();
    assert.deepEqual(new Set(await store.texts(...keys)), new Set([undefined]));
    assert.equal(await store.delete(...keys), 0);
    await store.set('a', '2');
    assert.deepEqual(await store.texts('a'), ['2']);
  },

  'health reports a store that works': async ({ store: { store } }) => {
    const health = await store.health(freshCall());
    assert.equal(health.healthy, true, health.reason);
    for (const count of [health.entries ?? 0, health.bytes ?? 0]) {
      assert.ok(Number.isSafeInteger(count) && count >= 0, `counts ${count}`);
    }
  },

  'health answers even when the call was given up': async ({ store: { store } }) => {
    assert.equal(typeof (await store.health(ABORTED)).healthy, 'boolean');
  },

  'close may be called several times, also at once': async ({ store: { store } }) => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  },

  'a closed store refuses every call and is not healthy': async ({ store }) => {
    await store.set('a', '1');
    await store.store.close();
    for (const { name, run } of methodsOf(store.store)) {
      await assert.rejects(
        async () => run(freshCall()),
        (error) => error instanceof ClosedError,
        `${name} of a closed store must reject with ClosedError`,
      );
    }
    assert.equal((await store.store.health(freshCall())).healthy, false);
  },

  'calls that are under way when the store is closed are answered': async ({ store }) => {
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    const calls = keys.flatMap((key) => [store.set(key, 'value'), store.get(key)]);
    const answers = Promise.allSettled(calls);
    await store.store.close();
    for (const answer of await answers) {
      if (answer.status === 'rejected') assert.ok(answer.reason instanceof Error);
    }
  },
});

export const ABORT_CHECKS: readonly StoreCheck[] = checksOf('signals', always, {
  'a read that was given up before rejects with the reason': async ({ store }) => {
    await store.set('a', '1');
    for (const { name, run } of readsOf(store.store)) {
      await assert.rejects(
        async () => run(ABORTED),
        (error) => error === WHY,
        `${name} must reject with the signal's reason`,
      );
    }
  },

  'a write that was given up before is not applied': async ({ store, traits, passShort }) => {
    await store.set('a', 'value');
    await store.set('b', 'other');
    for (const { name, run } of writesOf(store.store)) {
      const outcome = await run(ABORTED).catch(() => 'rejected');
      assert.ok(
        [outcome].flat().every((one) => one === 'rejected' || one === 'unknown'),
        `${name} answers ${JSON.stringify(outcome)}`,
      );
    }
    await passShort();
    assert.deepEqual(await store.texts('a', 'b'), ['value', 'other']);
    if (!traits.capabilities.conditional) return;
    assert.deepEqual((await store.news()).facts, []);
    assert.deepEqual((await store.ticket('absent', 't')).kind, 'mine');
  },
});

export const FENCED_ABORT_CHECKS: readonly StoreCheck[] = checksOf(
  'signals',
  ({ capabilities }) => capabilities.conditional,
  {
    'a ticket stands when what would end it was given up before': async ({ store, passShort }) => {
      await store.ticket('a', 't');
      for (const { run } of writesOf(store.store)) await run(ABORTED).catch(() => {});
      await passShort();
      assert.deepEqual(await store.ticket('a', 'other'), { kind: 'held', ticket: 't' });
      assert.deepEqual(await store.ticket('b', 'other'), { kind: 'mine' });
      assert.deepEqual(await store.texts('a', 'b'), [undefined, undefined]);
    },
  },
);

function methodsOf(store: CacheStore): ReturnType<typeof readsOf> {
  return [...readsOf(store), ...writesOf(store)];
}
