import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SerializationError, StoreRefusedError } from '../../src/index.ts';
import { Fleet, never, POLL } from './fleet.ts';

const APPLIED = { local: true, stores: 'applied', bus: 'none' };
const QUEUED = { local: true, stores: 'queued', bus: 'none' };

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('set', () => {
  it('is seen in memory when the call returns, and in the store when it resolves', async () => {
    const { cache } = fleet.join();
    await cache.get('k');
    const setting = cache.set('k', 'v');
    expect(cache.getLocal('k')).toBe('v');
    expect(await setting).toEqual(APPLIED);
    expect(await fleet.join().cache.get('k')).toBe('v');
  });

  it('is found again on the first use of a cache, before it has read the ledger', async () => {
    await fleet.join().cache.clear();
    const { cache } = fleet.join();
    await cache.set('k', 'v');
    expect(await cache.getResult('k')).toMatchObject({ state: 'hit', tier: 'memory' });
    expect(await fleet.join().cache.get('k')).toBe('v');
  });

  it('counts although this instance has read nothing since another one cleared everything', async () => {
    const writer = fleet.join();
    await writer.cache.set('k', 'first');
    fleet.clock.advance(POLL);
    await fleet.join().cache.clear();
    fleet.clock.advance(60_000);
    await writer.cache.set('k', 'second');
    expect(await writer.cache.get('k')).toBe('second');
    expect(await fleet.join().cache.get('k')).toBe('second');
  });

  it('does not count against an invalidation that this instance called after it', async () => {
    const { cache, store } = fleet.join();
    const hold = store.hold({ operation: 'delta', times: 1 });
    const setting = cache.set('k', 'v', { tags: ['t'] });
    await hold.reached();
    const invalidating = cache.invalidateTags(['t']);
    hold.release();
    await Promise.all([setting, invalidating]);
    expect(await cache.get('k')).toBeUndefined();
    expect(await fleet.join().cache.get('k')).toBeUndefined();
  });

  it('of one key after another reaches the store in call order', async () => {
    const { cache, store } = fleet.join();
    await cache.get('k');
    const hold = store.hold({ operation: 'setMany', times: 1 });
    const writes = [cache.set('k', '1'), cache.set('k', '2'), cache.delete('k')];
    await hold.reached();
    hold.release();
    await Promise.all(writes);
    expect([fleet.backend.keys, cache.getLocal('k')]).toEqual([[], undefined]);
  });

  it('makes the fill of a load elsewhere, which began before, be refused', async () => {
    const a = fleet.join();
    const b = fleet.join();
    let finish: (value: string) => void = never;
    const loading = a.cache.getOrSet('k', () => new Promise((resolve) => (finish = resolve)));
    await settle();
    await b.cache.set('k', 'new');
    finish('old');
    expect(await loading).toBe('old');
    expect(await fleet.join().cache.get('k')).toBe('new');
  });

  it('lives as long as its ttl from the call on, however late it reaches the store', async () => {
    const { cache, store } = fleet.join();
    await cache.get('k');
    const hold = store.hold({ operation: 'setMany', times: 1 });
    const first = cache.set('k', '1');
    const second = cache.set('k', '2', { ttl: 1000 });
    await hold.reached();
    fleet.clock.advance(200);
    hold.release();
    await Promise.all([first, second]);
    expect(fleet.backend.entry('k')?.remaining).toBe(800);
    const other = fleet.join();
    expect(await other.cache.getResult('k')).toMatchObject({
      expiresAt: fleet.clock.epoch() + 800,
    });
  });

  it('is queued when the store fails: memory has it, the store gets a delete', async () => {
    const { cache, store } = fleet.join();
    await cache.set('k', 'old');
    store.fail('setMany', new Error('down'));
    expect(await cache.set('k', 'new')).toEqual(QUEUED);
    expect(cache.getLocal('k')).toBe('new');
    await fleet.clock.advanceAsync(2000);
    expect(fleet.backend.keys).toEqual([]);
  });

  it('is queued when its outcome is unknown, and the late write does not survive', async () => {
    const { cache, store } = fleet.join();
    await cache.get('x');
    const hold = store.hold({ operation: 'setMany', onAbort: 'land', times: 1 });
    const setting = cache.set('k', 'late');
    await hold.reached();
    await fleet.clock.advanceAsync(250);
    expect(await setting).toEqual(QUEUED);
    hold.release();
    await fleet.clock.advanceAsync(5000);
    expect(fleet.backend.keys).toEqual([]);
    expect(cache.stats().tiers[1]?.pending).toBe(0);
  });

  it('of a value that cannot be encoded removes the stored one; the event names the key', async () => {
    const { cache, errors } = fleet.join<unknown>();
    await cache.set('k', 'old');
    const value = (): void => undefined;
    expect(await cache.set('k', value)).toEqual(APPLIED);
    expect(cache.getLocal('k')).toBe(value);
    expect(fleet.backend.keys).toEqual([]);
    expect(errors).toMatchObject([{ key: 'k', error: expect.any(SerializationError) }]);
  });

  it('of a value that is too large removes the stored one; the event names the key', async () => {
    const { cache, errors } = fleet.join({}, { maxValueBytes: 300 });
    await cache.set('k', 'old');
    expect(await cache.set('k', 'x'.repeat(1000))).toEqual(APPLIED);
    expect(fleet.backend.keys).toEqual([]);
    expect(errors).toMatchObject([{ key: 'k', error: expect.any(StoreRefusedError) }]);
  });

  it('of many is one write, and the last value of a key counts', async () => {
    const { cache, store } = fleet.join();
    await cache.setMany([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
    expect(store.callsOf('setMany')).toHaveLength(1);
    expect(Object.fromEntries(await fleet.join().cache.getMany(['a', 'b', 'c']))).toEqual({
      a: '3',
      b: '2',
    });
  });
});

describe('delete', () => {
  it('is obeyed by memory when the call returns and by all when it resolves', async () => {
    const { cache } = fleet.join();
    const other = fleet.join();
    await cache.getOrSet('k', () => 'v');
    await other.cache.get('k');
    const deleting = cache.delete('k');
    expect(cache.getLocal('k')).toBeUndefined();
    expect(await deleting).toEqual(APPLIED);
    fleet.clock.advance(POLL);
    expect(await other.cache.get('k')).toBeUndefined();
  });

  it('drops what was read between its call and its turn, however late the answer comes', async () => {
    await fleet.join().cache.set('k', 'old');
    const { cache, store } = fleet.join();
    await cache.get('x');
    const writing = store.hold({ operation: 'setMany', times: 1 });
    const setting = cache.set('other', 'v');
    await writing.reached();
    // It waits for the other key, and the read of this one is answered in between.
    const deleting = cache.deleteMany(['other', 'k']);
    const answer = store.hold({ operation: 'getMany', when: 'after', times: 1 });
    const reading = cache.get('k');
    await answer.reached();
    writing.release();
    await Promise.all([setting, deleting]);
    answer.release();
    await reading;
    expect(cache.getLocal('k')).toBeUndefined();
    expect(await cache.get('k')).toBeUndefined();
  });

  it('is queued while the store is down; nobody here sees the old value, all see it gone later', async () => {
    const { cache, store } = fleet.join();
    const other = fleet.join();
    await cache.getOrSet('k', () => 'old');
    await other.cache.get('k');
    store.freeze();
    const deleting = cache.delete('k');
    await fleet.clock.advanceAsync(250);
    expect(await deleting).toEqual(QUEUED);
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
    store.thaw();
    await fleet.clock.advanceAsync(5000);
    expect(await other.cache.get('k')).toBeUndefined();
  });

  it('of many keys is one write', async () => {
    const { cache, store } = fleet.join();
    await cache.setMany(Object.entries({ a: '1', b: '2', c: '3' }));
    await cache.deleteMany(['a', 'b', 'a']);
    expect(store.callsOf('deleteMany')[0]?.keys).toEqual(['a', 'b']);
    expect([...(await cache.getMany(['a', 'b', 'c']))]).toEqual([['c', '3']]);
  });
});

describe('clear', () => {
  it('removes everything everywhere', async () => {
    const { cache } = fleet.join();
    const other = fleet.join();
    await cache.setMany(Object.entries({ a: '1', b: '2' }));
    await other.cache.getMany(['a', 'b']);
    expect(await cache.clear()).toEqual(APPLIED);
    expect([fleet.backend.keys, cache.stats().size]).toEqual([[], 0]);
    fleet.clock.advance(POLL);
    expect((await other.cache.getMany(['a', 'b'])).size).toBe(0);
  });

  it('is queued as a whole when the store is down', async () => {
    const { cache, store } = fleet.join();
    await cache.set('k', 'v');
    store.fail(undefined, new Error('down'), { times: Infinity });
    expect(await cache.clear()).toEqual(QUEUED);
    expect(await cache.get('k')).toBeUndefined();
    store.heal();
    await fleet.clock.advanceAsync(5000);
    expect(fleet.backend.keys).toEqual([]);
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  });

  it('of what has expired leaves the rest', async () => {
    const { cache } = fleet.join();
    await cache.set('short', '1', { ttl: 100 });
    await cache.set('long', '2');
    fleet.clock.advance(100);
    expect(await cache.clear('expired')).toEqual(APPLIED);
    expect(cache.stats().size).toBe(1);
    expect(await cache.get('long')).toBe('2');
  });

  it('refuses what it does not know', async () => {
    const { cache } = fleet.join();
    await expect(cache.clear('some' as 'all')).rejects.toThrow("'all', 'expired'");
  });
});
