import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReferenceBackend, controllableStore, referenceStore } from '../../src/testing.ts';
import { BusFleet, SILENCE, type BusInstance } from './bus-fleet.ts';

/** The numbered scenarios of servers that are replaced, and of stores narrower than the bus. */

let fleet: BusFleet;
let a: BusInstance;
let b: BusInstance;
beforeEach(async () => {
  fleet = new BusFleet();
  [a, b] = (await fleet.settled(2)) as [BusInstance, BusInstance];
});
afterEach(() => fleet.close());

describe('19: a failover that loses what was acknowledged last', () => {
  test('a delete is repeated by its issuer; nobody reads the old value after that', async () => {
    await a.cache.set('k', 'old');
    const failOver = fleet.snapshot(['k']);
    await a.cache.delete('k');
    failOver();
    expect(await b.cache.get('k')).toBe('old');
    for (const { store } of [a, b]) store.replaced('failover');
    await settle();
    for (const { cache } of [a, b]) {
      expect([await cache.get('k'), cache.getLocal('k')]).toEqual([undefined, undefined]);
    }
  });

  test('a delete and a bump together as well', async () => {
    await a.cache.set('k', 'old');
    await a.cache.set('l', 'old', { tags: ['x'] });
    const failOver = fleet.snapshot(['k', 'l']);
    await a.cache.delete('k');
    await a.cache.invalidateTags(['x']);
    failOver();
    for (const { store } of [a, b]) store.replaced('failover');
    await settle();
    for (const { cache } of [a, b]) {
      expect([await cache.get('k'), await cache.get('l')]).toEqual([undefined, undefined]);
      expect([cache.getLocal('k'), cache.getLocal('l')]).toEqual([undefined, undefined]);
    }
    // What was set in the last minute is deleted as well: the new server may have an older value.
    expect(fleet.backend.keys).toEqual([]);
  });

  test('a ticket that stands again is removed with it: the load that held it stores nothing', async () => {
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => loaded.promise);
    await settle();
    const failOver = fleet.snapshot(['k']);
    // The message is lost, and so will be the delete.
    b.bus.lose();
    await a.cache.delete('k');
    failOver();
    expect(fleet.backend.ticketOf('k')).toBeDefined();
    a.store.replaced('failover');
    await settle();
    loaded.resolve('old');
    expect(await loading).toBe('old');
    expect([fleet.backend.keys, b.cache.getLocal('k')]).toEqual([[], undefined]);
  });

  test('on the issuer no read goes to the new server before it has been told', async () => {
    await a.cache.set('k', 'old');
    const failOver = fleet.snapshot(['k']);
    await a.cache.delete('k');
    failOver();
    const replay = a.store.hold({ operation: 'deleteMany', times: 1 });
    a.store.replaced('failover');
    await replay.reached();
    expect(await a.cache.get('k')).toBeUndefined();
    replay.release();
  });

  test('what was acknowledged more than a minute ago is not repeated', async () => {
    await a.cache.delete('k');
    await fleet.clock.advanceAsync(60_001);
    a.store.forgetCalls();
    a.store.replaced('failover');
    await settle();
    expect(a.store.calls).toEqual([]);
  });
});

describe('20: a server begun anew from an old copy', () => {
  test('is invalidated as a whole', async () => {
    await a.cache.set('k', 'oldest');
    const restart = fleet.snapshot(['k']);
    await a.cache.delete('k');
    await fleet.clock.advanceAsync(600_000);
    restart();
    for (const { store } of [a, b]) store.replaced('restart');
    await settle();
    for (const { cache } of [a, b]) expect(await cache.get('k')).toBeUndefined();
  });

  test('with nothing left refuses the fill of a load that was under way', async () => {
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => loaded.promise);
    await settle();
    fleet.backend.clear();
    fleet.backend.loseLedger();
    loaded.resolve('value');
    expect(await loading).toBe('value');
    expect([fleet.backend.keys, b.cache.getLocal('k')]).toEqual([[], undefined]);
  });
});

describe('24: a store of one host before the shared one', () => {
  test('is read while nothing was missed, and not after a delete elsewhere', async () => {
    const disk = controllableStore(referenceStore({ name: 'disk' }));
    const c = fleet.join({ memory: false }, { before: disk });
    await fleet.clock.advanceAsync(SILENCE);
    await a.cache.set('k', 'old');
    expect((await c.cache.getResult('k')).state).toBe('hit');
    await settle();
    expect(await c.cache.getResult('k')).toMatchObject({ tier: 'disk', value: 'old' });
    disk.forgetCalls();
    await a.cache.delete('k');
    expect(await c.cache.get('k')).toBeUndefined();
    await settle();
    expect(disk.callsOf('deleteMany')).toHaveLength(1);
  });

  test('is not read after a gap until the shared store has proved it', async () => {
    const disk = controllableStore(referenceStore({ name: 'disk' }));
    const c = fleet.join({ memory: false }, { before: disk });
    await fleet.clock.advanceAsync(SILENCE);
    await a.cache.set('k', 'old');
    await c.cache.get('k');
    await settle();
    c.bus.cut();
    await a.cache.delete('k');
    c.bus.restore();
    expect(await c.cache.get('k')).toBeUndefined();
    await a.cache.set('k', 'new');
    expect(await c.cache.getResult('k')).toMatchObject({ tier: 'reference', value: 'new' });
    await settle();
    expect(await c.cache.getResult('k')).toMatchObject({ tier: 'disk', value: 'new' });
  });

  test('is not read while nothing is heard, though what it holds was stored since', async () => {
    const c = fleet.join({ memory: false }, { before: referenceStore({ name: 'disk' }) });
    await a.cache.set('k', 'old');
    c.bus.cut();
    expect(await c.cache.get('k')).toBe('old');
    await settle();
    await a.cache.delete('k');
    expect(await c.cache.get('k')).toBeUndefined();
  });

  test('is not served unchecked by a process that was away during a delete', async () => {
    const backend = createReferenceBackend({ clock: fleet.clock });
    const disk = () => referenceStore({ backend, name: 'disk' });
    const c = fleet.join({ memory: false }, { before: disk() });
    await a.cache.set('k', 'old');
    await c.cache.get('k');
    await settle();
    expect(backend.keys).toEqual(['k']);
    await c.cache.close();
    await a.cache.delete('k');
    const d = fleet.join({ memory: false }, { before: disk() });
    expect(await d.cache.get('k')).toBeUndefined();
    await a.cache.set('k', 'new');
    expect(await d.cache.getResult('k')).toMatchObject({ tier: 'reference', value: 'new' });
  });
});
