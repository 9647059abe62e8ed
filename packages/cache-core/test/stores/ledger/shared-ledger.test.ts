import type { Policy } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet, never, POLL } from '../../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('what memory serves with a shared store', () => {
  it('costs no round trip within the poll interval, and one delta after it', async () => {
    const { cache, store } = fleet.join();
    await cache.getOrSet('k', () => 'v');
    store.forgetCalls();
    fleet.clock.advance(40);
    expect(await cache.get('k')).toBe('v');
    expect(store.calls).toEqual([]);
    fleet.clock.advance(POLL);
    expect(await cache.get('k')).toBe('v');
    expect(store.calls.map(({ operation }) => operation)).toEqual(['delta']);
  });

  it('is asked for in advance by hits in the second half of the interval', async () => {
    const { cache, store } = fleet.join();
    await cache.getOrSet('k', () => 'v');
    store.forgetCalls();
    for (let hit = 0; hit < 40; hit++) {
      fleet.clock.advance(10);
      expect(cache.getLocal('k')).toBe('v');
      await settle();
    }
    expect(store.callsOf('delta').length).toBeLessThanOrEqual(8);
    expect(store.calls).toHaveLength(store.callsOf('delta').length);
  });

  it('obeys an invalidation that was repeated while the ledger was read for the first time', async () => {
    await fleet.join().cache.set('k', 'old');
    const storePolicy: Policy = {
      execute: async (fn) => fn({ signal: new AbortController().signal }),
    };
    const { cache, store } = fleet.join({ storePolicy });
    store.fail('bump', new Error('down'));
    expect(await cache.invalidatePattern('k')).toMatchObject({ stores: 'queued' });
    // Sent before the bump, answered after it.
    const hold = store.hold({ operation: 'delta', when: 'after', times: 1 });
    const late = cache.getOrSet('k', () => 'new');
    await hold.reached();
    await fleet.clock.advanceAsync(100);
    expect(store.callsOf('bump')).toHaveLength(2);
    hold.release();
    expect(await late).toBe('new');
  });

  it('waits for a delta that is sent after the call', async () => {
    const a = fleet.join();
    const b = fleet.join();
    await a.cache.getOrSet('k', () => 'v');
    expect(await b.cache.get('k')).toBe('v');
    fleet.clock.advance(POLL);
    const hold = b.store.hold({ operation: 'delta', when: 'after' });
    const early = b.cache.get('k');
    await hold.reached();
    await a.cache.delete('k');
    const late = [b.cache.get('k'), b.cache.get('k')];
    await settle();
    hold.release();
    expect(await early).toBe('v');
    expect(await Promise.all(late)).toEqual([undefined, undefined]);
  });

  it('is proved against the store after a gap, without being decoded again', async () => {
    let decoded = 0;
    const codec = {
      id: 200,
      name: 'counting',
      encode: (value: unknown) => Buffer.from(JSON.stringify(value)),
      decode: (bytes: Uint8Array): unknown => {
        decoded++;
        return JSON.parse(Buffer.from(bytes).toString());
      },
    };
    const { cache, store } = fleet.join<{ n: number }>({ codec });
    const value = { n: 1 };
    await cache.getOrSet('k', () => value);
    const other = fleet.join();
    await other.cache.delete('x');
    fleet.backend.forgetDrops();
    fleet.clock.advance(POLL);
    store.forgetCalls();
    expect(await cache.get('k')).toBe(value);
    expect(store.callsOf('getMany')).toHaveLength(1);
    expect(await cache.get('k')).toBe(value);
    expect(store.callsOf('getMany')).toHaveLength(1);
    expect(decoded).toBe(0);
  });

  it('from before a gap is not served in isolation by the last contact', async () => {
    const a = fleet.join();
    const b = fleet.join();
    await a.cache.getOrSet('k', () => 'old');
    await b.cache.getOrSet('k', never);
    fleet.clock.advance(60_000);
    await a.cache.delete('k');
    fleet.backend.forgetDrops();
    await b.cache.get('another');
    b.store.fail(undefined, new Error('down'), { times: Infinity });
    fleet.clock.advance(POLL);
    expect(await b.cache.get('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBeUndefined();
  });
});

describe('the ledger', () => {
  it('that was lost takes every entry with it, also one whose load goes on across the loss', async () => {
    const a = fleet.join();
    await a.cache.getOrSet('k', () => 'old');
    let finish: (value: string) => void = never;
    const loading = a.cache.getOrSet('l', () => new Promise((resolve) => (finish = resolve)));
    await settle();
    fleet.backend.loseLedger();
    finish('loaded');
    expect(await loading).toBe('loaded');
    fleet.clock.advance(POLL);
    expect(await a.cache.get('k')).toBeUndefined();
    expect(await a.cache.get('l')).toBeUndefined();
    expect(await fleet.join().cache.get('l')).toBeUndefined();
  });

  it('that was rolled back is noticed, and nothing from before is served', async () => {
    const a = fleet.join();
    const b = fleet.join();
    await a.cache.getOrSet('k', () => 'old', { tags: ['t'] });
    await b.cache.getOrSet('k', never);
    const backup = fleet.backend.snapshotLedger();
    await a.cache.invalidateTags(['t']);
    fleet.backend.restoreLedger(backup);
    fleet.clock.advance(POLL);
    expect(await a.cache.get('k')).toBeUndefined();
    fleet.clock.advance(POLL);
    expect(await b.cache.get('k')).toBeUndefined();
  });

  it('that was lost leaves no number behind that outlives an invalidation in the next one', async () => {
    const a = fleet.join();
    const b = fleet.join();
    await b.cache.get('x');
    // Both ledgers number from the same microsecond, and only b has seen the first one's number.
    await a.cache.invalidateTags(['other']);
    fleet.clock.advance(0);
    await b.cache.get('x');
    fleet.backend.loseLedger();
    await b.cache.getOrSet('k', () => 'old', { tags: ['t'] });
    await fleet.join().cache.invalidateTags(['t']);
    fleet.clock.advance(POLL);
    expect(await b.cache.get('k')).toBeUndefined();
  });

  it('keeps its numbers rising when the clock of the store is set back', async () => {
    const a = fleet.join();
    await a.cache.invalidateTags(['t']);
    await a.cache.getOrSet('k', () => 'old', { tags: ['t'] });
    fleet.clock.setEpoch(0);
    await fleet.join().cache.invalidateTags(['t']);
    fleet.clock.advance(POLL);
    expect(await a.cache.get('k')).toBeUndefined();
  });
});

describe('a soft invalidation in a ledger that was lost', () => {
  it('is obeyed by its issuer, though the store goes before the new ledger is read', async () => {
    const { cache, store } = fleet.join({ staleWhileRevalidate: 0 });
    await cache.getOrSet('k', () => 'old', { tags: ['t'] });
    fleet.backend.loseLedger();
    expect(await cache.invalidateTags(['t'], { keep: 'stale' })).toMatchObject({
      stores: 'applied',
    });
    store.fail(undefined, new Error('down'), { times: Infinity });
    fleet.clock.advance(POLL);
    expect(await cache.get('k')).toBeUndefined();
    expect(cache.getLocal('k')).toBeUndefined();
  });
});

describe('an invalidation that did not get through', () => {
  it('is obeyed by its issuer although entries can be read from the store again', async () => {
    const { cache, store } = fleet.join({
      storePolicy: { execute: async (fn) => fn({ signal: new AbortController().signal }) },
    });
    const other = fleet.join();
    await cache.getOrSet('k', () => 'old', { tags: ['t'] });
    store.fail('bump', new Error('down'), { times: Infinity });
    expect(await cache.invalidateTags(['t'])).toMatchObject({ stores: 'queued' });
    expect(await cache.get('k')).toBeUndefined();
    expect(await other.cache.get('k')).toBe('old');
    store.heal();
    await fleet.clock.advanceAsync(1000);
    fleet.clock.advance(POLL);
    expect(await other.cache.get('k')).toBeUndefined();
  });

  it('hides what it concerns until the last of its parts has been replayed', async () => {
    const { cache, store } = fleet.join({ memory: false });
    await cache.getOrSet('k', () => 'old', { tags: ['t149'] });
    store.fail('bump', new Error('down'));
    const tags = Array.from({ length: 150 }, (_, index) => `t${index}`);
    expect(await cache.invalidateTags(tags)).toMatchObject({ stores: 'queued' });
    const hold = store.hold({ operation: 'bump' });
    await fleet.clock.advanceAsync(100);
    const next = store.hold({ operation: 'bump' });
    hold.release();
    await next.reached();
    expect(await cache.get('k')).toBeUndefined();
    next.release();
    await fleet.clock.advanceAsync(1000);
    const parts = store.callsOf('bump').map(({ args }) => (args[0] as readonly unknown[]).length);
    expect(parts).toEqual([150, 100, 50]);
    expect(await cache.get('k')).toBeUndefined();
    expect(cache.stats().tiers[0]?.pending).toBe(0);
  });

  it('leaves nothing behind once it has been replayed', async () => {
    const { cache, store } = fleet.join();
    await cache.getOrSet('k', () => 'old', { tags: ['t'] });
    store.fail('bump', new Error('down'));
    const invalidating = [cache.invalidateTags(['t']), cache.invalidateTags(['u'])];
    await Promise.all(invalidating);
    await fleet.clock.advanceAsync(2000);
    expect(cache.stats().tiers[1]?.pending).toBe(0);
    await fleet.join().cache.getOrSet('k', () => 'new', { tags: ['t', 'u'] });
    fleet.clock.advance(POLL);
    expect(await cache.get('k')).toBe('new');
    expect(cache.getLocal('k')).toBe('new');
  });
});
