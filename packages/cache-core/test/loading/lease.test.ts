import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreOperation } from '../../src/testing.ts';
import { Fleet, never, POLL } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('two instances that miss the same key', () => {
  it('load it once: the other one waits and finds what was stored', async () => {
    const a = fleet.join();
    const b = fleet.join();
    const gate = createDeferred<string>();
    const first = a.cache.getOrSet('k', () => gate.promise);
    await settle();
    const second = b.cache.getOrSetResult('k', never);
    await fleet.clock.advanceAsync(1000);
    gate.resolve('v');
    expect(await first).toBe('v');
    await fleet.clock.advanceAsync(100);
    expect(await second).toMatchObject({ state: 'hit', value: 'v', tier: 'reference' });
    expect(b.cache.stats().loads).toBe(0);
  });

  it('go on at once when the holder fails, because it gives its ticket back', async () => {
    const a = fleet.join();
    const b = fleet.join();
    const gate = createDeferred<string>();
    const first = Promise.allSettled([a.cache.getOrSet('k', () => gate.promise)]);
    await settle();
    const second = b.cache.getOrSet('k', () => 'v');
    await settle();
    gate.reject(new Error('no'));
    await first;
    await fleet.clock.advanceAsync(100);
    expect(await second).toBe('v');
  });

  it.each([
    ['undefined', () => undefined],
    [
      'a value that is skipped',
      ({ skip }: { skip: () => void }) => {
        skip();
        return 'v';
      },
    ],
  ])('get their ticket back when the loader returns %s', async (_, load) => {
    await fleet.join<string | undefined>().cache.getOrSet('k', load);
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
  });
});

describe('a holder that is late', () => {
  it('is displaced after leaseWait, by one of all who wait, and its fill is refused', async () => {
    const late = fleet.join();
    const gate = createDeferred<string>();
    const slow = late.cache.getOrSet('k', () => gate.promise);
    await settle();
    let loads = 0;
    const load = async (): Promise<string> => `new ${++loads}`;
    const waiting = Array.from({ length: 5 }, () =>
      fleet.join({ leaseWait: '5s' }).cache.getOrSet('k', load),
    );
    await fleet.clock.advanceAsync(4900);
    expect(loads).toBe(0);
    await fleet.clock.advanceAsync(500);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['new 1']));
    gate.resolve('old');
    expect(await slow).toBe('old');
    expect(late.cache.getLocal('k')).toBeUndefined();
    expect(await fleet.join().cache.get('k')).toBe('new 1');
  });

  it('keeps its ticket alive as long as it loads', async () => {
    const a = fleet.join({ leaseWait: '1h', memory: false });
    const gate = createDeferred<string>();
    const loading = a.cache.getOrSet('k', () => gate.promise);
    await settle();
    const ticket = fleet.backend.ticketOf('k');
    await fleet.clock.advanceAsync(25_000);
    expect(fleet.backend.ticketOf('k')).toBe(ticket);
    gate.resolve('v');
    await loading;
    a.store.forgetCalls();
    await fleet.clock.advanceAsync(60_000);
    expect(a.store.callsOf('renewMany')).toEqual([]);
    expect(fleet.clock.pendingTimers).toBe(0);
  });

  it('shares its calls with the other misses of the same turn', async () => {
    const { cache, store } = fleet.join();
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await cache.get('another');
    store.forgetCalls();
    await Promise.all(keys.map((key) => cache.getOrSet(key, () => key)));
    const shared = (operation: StoreOperation): readonly number[] =>
      store.callsOf(operation).map((call) => call.keys.length);
    expect([shared('getMany'), shared('ticketMany'), shared('fillMany')]).toEqual([
      [1, 19],
      [1, 19],
      [1, 19],
    ]);
  });

  it('does not renew a ticket that it has lost', async () => {
    const a = fleet.join();
    const gate = createDeferred<string>();
    const loading = a.cache.getOrSet('k', () => gate.promise);
    await settle();
    fleet.backend.putTicket('k', 'another', 10_000);
    await fleet.clock.advanceAsync(12_000);
    expect(a.store.callsOf('renewMany')).toHaveLength(1);
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
    gate.resolve('v');
    expect(await loading).toBe('v');
    expect(await a.cache.get('k')).toBeUndefined();
  });
});

describe('a value that is there instead of a ticket', () => {
  it('is not taken by the identity that was already judged unusable', async () => {
    const a = fleet.join();
    await a.cache.getOrSet('k', () => 'old', { tags: ['t'] });
    await a.cache.invalidateTags(['t']);
    let loads = 0;
    const b = fleet.join();
    expect(await b.cache.getOrSet('k', () => `new ${++loads}`, { tags: ['t'] })).toBe('new 1');
    expect(loads).toBe(1);
    fleet.clock.advance(POLL);
    expect(await a.cache.getOrSet('k', never)).toBe('new 1');
  });

  it('is loaded without a ticket, and stored nowhere, after three that are of no use', async () => {
    const { cache, store } = fleet.join();
    const other = fleet.join();
    await other.cache.get('x');
    const gate = store.hold({ operation: 'ticketMany', when: 'before', times: 1 });
    const loading = cache.getOrSet('k', () => 'mine', { tags: ['t'] });
    let hold = gate;
    for (let round = 0; round < 3; round++) {
      await hold.reached();
      await other.cache.getOrSet('k', () => `dead ${round}`, { tags: ['t'] });
      await other.cache.invalidateTags(['t']);
      const next = store.hold({ operation: 'ticketMany', when: 'before', times: 1 });
      hold.release();
      hold = next;
      await settle();
    }
    hold.release();
    expect(await loading).toBe('mine');
    expect(store.callsOf('fillMany')).toEqual([]);
    expect(cache.getLocal('k')).toBeUndefined();
  });

  it('is not served when the ledger cannot be asked', async () => {
    const a = fleet.join();
    const b = fleet.join({
      storePolicy: { execute: async (fn) => fn({ signal: new AbortController().signal }) },
    });
    await b.cache.get('x');
    await a.cache.getOrSet('k', () => 'old', { tags: ['t'] });
    await a.cache.invalidateTags(['t']);
    fleet.clock.advance(POLL);
    b.store.fail('delta', new Error('down'), { times: Infinity });
    expect(await b.cache.getOrSet('k', () => 'new')).toBe('new');
  });
});

describe('a load without the shared store', () => {
  it('is kept in memory for as long as isolated.serve while the store is out of reach', async () => {
    const { cache, store } = fleet.join({ isolated: { serve: 500 } });
    store.fail(undefined, new Error('down'), { times: Infinity });
    let loads = 0;
    const load = (): string => `v${++loads}`;
    expect(await cache.getOrSet('k', load)).toBe('v1');
    fleet.clock.advance(500);
    expect(await cache.getOrSet('k', load)).toBe('v1');
    fleet.clock.advance(1);
    expect(await cache.getOrSet('k', load)).toBe('v2');
  });

  it('is kept under a policy of the user as well', async () => {
    const { cache, store } = fleet.join({
      storePolicy: { execute: async (fn) => fn({ signal: new AbortController().signal }) },
    });
    await cache.getOrSet('before', () => 'v');
    store.fail(undefined, new Error('down'), { times: Infinity });
    fleet.clock.advance(POLL);
    expect(await cache.getOrSet('before', never)).toBe('v');
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(await cache.getOrSet('k', never)).toBe('v');
  });

  it('is not served after the outage, though the process that wrote meanwhile has died', async () => {
    const a = fleet.join();
    const b = fleet.join();
    const commit = createDeferred<string>();
    void b.cache.writeThrough('k', () => commit.promise);
    await settle();
    await a.cache.get('k');
    a.store.fail('ticketMany', new Error('down'));
    expect(await a.cache.getOrSet('k', () => 'from before the commit')).toContain('before');
    const dead = b.store.hold();
    commit.resolve('committed');
    await dead.reached();
    await fleet.clock.advanceAsync(1000);
    expect(await a.cache.get('k')).toBeUndefined();
    dead.release();
  });

  it('has to be proved once the store is back, and counts for nothing there', async () => {
    const a = fleet.join();
    await a.cache.get('x');
    a.store.fail(undefined, new Error('down'), { times: Infinity });
    expect(await a.cache.getOrSet('k', () => 'alone')).toBe('alone');
    a.store.heal();
    await fleet.clock.advanceAsync(1000);
    expect(await a.cache.get('k')).toBeUndefined();
    expect(await a.cache.getOrSet('k', () => 'together')).toBe('together');
    expect(await fleet.join().cache.get('k')).toBe('together');
  });
});
