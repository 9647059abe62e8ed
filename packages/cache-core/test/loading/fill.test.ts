import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SerializationError, StoreRefusedError } from '../../src/index.ts';
import { controllableStore, referenceStore } from '../../src/testing.ts';
import { Fleet, never } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('what was loaded', () => {
  it('is stored in memory and in the shared store, whose ticket is gone', async () => {
    const { cache, store } = fleet.join();
    await cache.getOrSet('k', () => 'v');
    expect(store.calls.map(({ operation }) => operation)).toEqual([
      'delta',
      'getMany',
      'ticketMany',
      'fillMany',
    ]);
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
    expect(cache.getLocal('k')).toBe('v');
  });

  it('is stored nowhere when the fill is refused', async () => {
    const { cache } = fleet.join();
    const gate = createDeferred<string>();
    const loading = cache.getOrSet('k', () => gate.promise);
    await settle();
    fleet.backend.removeTicket('k');
    gate.resolve('v');
    expect(await loading).toBe('v');
    expect(cache.getLocal('k')).toBeUndefined();
    expect(fleet.backend.keys).toEqual([]);
  });

  it.each([
    ['unknown', 'unknown'],
    ['an error', 'fail'],
  ] as const)('is not kept in memory when the outcome of the fill is %s', async (_, how) => {
    const { cache, store } = fleet.join();
    if (how === 'unknown') store.unknown('fillMany', { applied: true });
    else store.fail('fillMany', new Error('down'), { applied: true });
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(cache.getLocal('k')).toBeUndefined();
  });

  it('stays in memory alone when it cannot be encoded; the event names the key', async () => {
    const { cache, errors } = fleet.join<bigint | (() => void)>();
    const value = (): void => undefined;
    expect(await cache.getOrSet('k', () => value)).toBe(value);
    expect(cache.getLocal('k')).toBe(value);
    expect(errors).toMatchObject([
      { operation: 'encode', key: 'k', error: expect.any(SerializationError) },
    ]);
    expect([fleet.backend.keys, fleet.backend.ticketOf('k')]).toEqual([[], undefined]);
  });

  it('stays in memory alone when it is too large for the store; the event names the key', async () => {
    const { cache, store, errors } = fleet.join({}, { maxValueBytes: 200 });
    const value = 'x'.repeat(1000);
    expect(await cache.getOrSet('k', () => value)).toBe(value);
    expect(await cache.getOrSet('k', never)).toBe(value);
    expect(store.callsOf('fillMany')).toEqual([]);
    expect(errors).toMatchObject([
      { operation: 'fillMany', store: 'reference', key: 'k', error: expect.any(StoreRefusedError) },
    ]);
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
  });

  it('is not stored under a key that is too long for the store', async () => {
    const { cache } = fleet.join({}, { maxKeyBytes: 10 });
    const key = 'ä'.repeat(6);
    expect(await cache.getOrSet(key, () => 'v')).toBe('v');
    expect(await cache.getOrSet(key, never)).toBe('v');
    expect(fleet.backend.keys).toEqual([]);
  });

  it('is stored nowhere once an invalidation of a tag learnt late concerns it', async () => {
    const { cache, store } = fleet.join();
    const gate = createDeferred();
    const loading = cache.getOrSet('k', async ({ tag }) => {
      await gate.promise;
      tag('t');
      return 'v';
    });
    await settle();
    await cache.invalidateTags(['t']);
    gate.resolve();
    expect(await loading).toBe('v');
    expect(store.callsOf('fillMany')).toEqual([]);
    expect([cache.getLocal('k'), fleet.backend.ticketOf('k')]).toEqual([undefined, undefined]);
  });

  it('reaches every store, the others without a ticket', async () => {
    const near = controllableStore(
      referenceStore({ name: 'near', conditional: false, scope: 'process' }),
    );
    const own = controllableStore(referenceStore({ backend: fleet.backend }));
    const { cache } = fleet.own({ stores: [near, own] }, own);
    await cache.getOrSet('k', () => 'v');
    expect(near.callsOf('setMany')).toHaveLength(1);
    expect(own.callsOf('fillMany')).toHaveLength(1);
    expect(own.callsOf('setMany')).toEqual([]);
  });
});
