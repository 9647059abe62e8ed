import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BusFleet, SILENCE, type BusInstance } from './bus-fleet.ts';
import { never } from './fleet.ts';

/** The numbered scenarios of reads and loads, with a bus. */

let fleet: BusFleet;
let a: BusInstance;
let b: BusInstance;
beforeEach(async () => {
  fleet = new BusFleet();
  [a, b] = (await fleet.settled(2)) as [BusInstance, BusInstance];
});
afterEach(() => fleet.close());

describe('1: a read that begins after a delete resolved never gets the older value of a flight', () => {
  test('on a peer at once, for the message came first', async () => {
    const old = createDeferred<string>();
    const early = b.cache.getOrSet('k', () => old.promise);
    await settle();
    expect(await a.cache.delete('k')).toEqual({ local: true, stores: 'applied', bus: 'sent' });
    const late = b.cache.getOrSet('k', () => 'new');
    old.resolve('old');
    expect([await early, await late]).toEqual(['old', 'new']);
    expect(await b.cache.getOrSet('k', never)).toBe('new');
  });

  test('on a peer as soon as a message that is late comes', async () => {
    b.bus.delay = 40;
    const old = createDeferred<string>();
    const early = b.cache.getOrSet('k', () => old.promise);
    await settle();
    await a.cache.delete('k');
    await fleet.clock.advanceAsync(40);
    const late = b.cache.getOrSet('k', () => 'new');
    old.resolve('old');
    expect([await early, await late]).toEqual(['old', 'new']);
  });
});

test('2: a flight that began between a delete and its application does not put the old value back', async () => {
  await a.cache.set('k', 'old');
  const deletion = a.store.hold({ operation: 'deleteMany', overtaken: true });
  const deleted = a.cache.delete('k');
  await deletion.reached();
  expect(await a.cache.getOrSet('k', () => 'new')).toBe('old');
  expect(await b.cache.getOrSet('k', () => 'new')).toBe('old');
  deletion.release();
  await deleted;
  expect([a.cache.getLocal('k'), b.cache.getLocal('k')]).toEqual([undefined, undefined]);
});

describe('3: a store read of a peer that crosses a delete', () => {
  test('is answered but not kept when its reply comes after the message', async () => {
    await a.cache.set('k', 'old');
    const read = b.store.hold({ operation: 'getMany', when: 'after', times: 1 });
    const reading = b.cache.get('k');
    await read.reached();
    await a.cache.delete('k');
    read.release();
    expect(await reading).toBe('old');
    expect(b.cache.getLocal('k')).toBeUndefined();
  });

  test('is kept, then dropped, when its reply comes before the message', async () => {
    await a.cache.set('k', 'old');
    expect(await b.cache.get('k')).toBe('old');
    expect(b.cache.getLocal('k')).toBe('old');
    b.bus.hold();
    await a.cache.delete('k');
    expect(b.cache.getLocal('k')).toBe('old');
    b.bus.release();
    expect(b.cache.getLocal('k')).toBeUndefined();
  });
});

test('4: a tag learnt late: who waited before the invalidation elsewhere gets the value, who came after loads anew', async () => {
  const old = createDeferred();
  let loads = 0;
  const load = async ({ tag }: { tag: (name: string) => void }): Promise<string> => {
    const mine = ++loads;
    if (mine === 1) await old.promise;
    tag('x');
    return `v${mine}`;
  };
  const early = b.cache.getOrSet('k', load);
  await settle();
  await a.cache.invalidateTags(['x']);
  const late = b.cache.getOrSet('k', load);
  await settle();
  expect(loads).toBe(1);
  old.resolve();
  expect([await early, await late]).toEqual(['v1', 'v2']);
  expect(await a.cache.get('k')).toBe('v2');
});

describe('5: a holder that loads the old value while another instance changes the key', () => {
  test.each([
    ['delete', undefined],
    ['set', 'new'],
    ['writeThrough', 'new'],
  ] as const)('%s: its fill is refused and its memory stays empty', async (how, now) => {
    const old = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => old.promise);
    await settle();
    expect(fleet.backend.ticketOf('k')).toBeDefined();
    if (how === 'delete') await a.cache.delete('k');
    else if (how === 'set') await a.cache.set('k', 'new');
    else await a.cache.writeThrough('k', async () => 'new');
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
    old.resolve('old');
    expect(await loading).toBe('old');
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBe(now);
  });
});

test('6: an invalidated value that is physically there is loaded anew exactly once in a fleet of three', async () => {
  const c = fleet.join();
  await a.cache.set('k', 'old', { tags: ['x'] });
  await a.cache.invalidateTags(['x']);
  expect(fleet.backend.keys).toContain('k');
  let loads = 0;
  const reads = Promise.all(
    [a, b, c].map(({ cache }) =>
      cache.getOrSet('k', async () => {
        loads++;
        await settle();
        return 'new';
      }),
    ),
  );
  // The others are woken by the message that the load is over, not by time.
  for (let turn = 0; turn < 10; turn++) await settle();
  expect([await reads, loads]).toEqual([['new', 'new', 'new'], 1]);
});

describe('7: a soft invalidation elsewhere', () => {
  test('is followed by one refresh that ends with another value', async () => {
    const c = fleet.join({ staleWhileRevalidate: '1m' });
    await c.cache.set('k', 'old', { tags: ['x'] });
    await a.cache.invalidateTags(['x'], { keep: 'stale' });
    const stale = await c.cache.getOrSetResult('k', () => 'new');
    expect(stale).toMatchObject({ state: 'stale', value: 'old' });
    await settle();
    expect(await c.cache.getOrSetResult('k', never)).toMatchObject({ state: 'hit', value: 'new' });
  });

  test('is beaten by a hard one', async () => {
    const c = fleet.join({ staleWhileRevalidate: '1m' });
    await c.cache.set('k', 'old', { tags: ['x'] });
    await a.cache.invalidateTags(['x'], { keep: 'stale' });
    await b.cache.invalidateTags(['x']);
    expect(c.cache.getLocal('k')).toBeUndefined();
    expect(await c.cache.getOrSet('k', () => 'new')).toBe('new');
  });
});

describe('a flight that began before a gap', () => {
  test('stores what it loaded in the shared store, where everything that it missed has refused or outdated it', async () => {
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => loaded.promise);
    await settle();
    b.bus.cut();
    b.bus.restore();
    loaded.resolve('value');
    expect(await loading).toBe('value');
    expect(await a.cache.get('k')).toBe('value');
  });

  test('that missed a delete stores nothing', async () => {
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => loaded.promise);
    await settle();
    b.bus.cut();
    await a.cache.delete('k');
    b.bus.restore();
    loaded.resolve('old');
    expect(await loading).toBe('old');
    expect(fleet.backend.keys).toEqual([]);
    expect(b.cache.getLocal('k')).toBeUndefined();
  });

  test('that missed the invalidation of its tag stores what nobody takes', async () => {
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => loaded.promise, { tags: ['x'] });
    await settle();
    b.bus.cut();
    await a.cache.invalidateTags(['x']);
    b.bus.restore();
    loaded.resolve('old');
    expect(await loading).toBe('old');
    expect([await a.cache.get('k'), await b.cache.get('k')]).toEqual([undefined, undefined]);
  });

  test('counts in memory as of before it: the store has to prove it', async () => {
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('k', () => loaded.promise);
    await settle();
    b.bus.lose();
    // Of another key: the flight knows nothing of it.
    await a.cache.delete('other');
    await fleet.clock.advanceAsync(1500);
    loaded.resolve('value');
    expect(await loading).toBe('value');
    await settle();
    expect(b.cache.getLocal('k')).toBeUndefined();
    b.store.forgetCalls();
    expect(await b.cache.get('k')).toBe('value');
    expect(b.store.callsOf('getMany')).toHaveLength(1);
    expect(b.cache.getLocal('k')).toBe('value');
  });

  test('is joined by nobody who comes after it', async () => {
    const loaded = createDeferred<string>();
    const early = b.cache.getOrSet('k', () => loaded.promise);
    await settle();
    b.bus.cut();
    await a.cache.delete('k');
    b.bus.restore();
    await settle();
    const late = b.cache.getOrSet('k', () => 'new');
    await settle();
    loaded.resolve('old');
    await fleet.clock.advanceAsync(SILENCE);
    expect([await early, await late]).toEqual(['old', 'new']);
  });
});
