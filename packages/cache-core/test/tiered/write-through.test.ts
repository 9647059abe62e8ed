import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, jsonCodec } from '../../src/index.ts';
import { Fleet, never, POLL } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('writeThrough', () => {
  it('returns and stores what was written', async () => {
    const { cache, store } = fleet.join();
    expect(await cache.writeThrough('k', async ({ key }) => `${key} 1`)).toBe('k 1');
    expect(await cache.getOrSet('k', never)).toBe('k 1');
    expect(await fleet.join().cache.get('k')).toBe('k 1');
    expect(store.callsOf('begin')).toHaveLength(1);
    expect(store.callsOf('settle')).toHaveLength(1);
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
  });

  it('takes the old value away before it writes', async () => {
    const { cache } = fleet.join();
    await cache.set('k', 'old');
    let seen: unknown;
    await cache.writeThrough('k', async () => {
      seen = fleet.backend.keys;
      return 'new';
    });
    expect(seen).toEqual([]);
  });

  it('rejects with the error of the database and leaves the key absent', async () => {
    const { cache } = fleet.join();
    await cache.set('k', 'old');
    const failing = cache.writeThrough('k', () => Promise.reject(new Error('constraint')));
    await expect(failing).rejects.toThrow('constraint');
    expect(await cache.get('k')).toBeUndefined();
    expect([fleet.backend.keys, fleet.backend.ticketOf('k')]).toEqual([[], undefined]);
  });

  it('stores nothing when it was displaced by another instance', async () => {
    const a = fleet.join();
    const b = fleet.join();
    const gate = createDeferred<string>();
    const late = a.cache.writeThrough('k', () => gate.promise);
    await settle();
    await b.cache.writeThrough('k', async () => 'b');
    gate.resolve('a');
    expect(await late).toBe('a');
    expect(fleet.backend.keys).toEqual([]);
    fleet.clock.advance(POLL);
    expect(await b.cache.get('k')).toBeUndefined();
  });

  it('stores nothing when a delete of this process came in between', async () => {
    const { cache } = fleet.join();
    const gate = createDeferred<string>();
    const writing = cache.writeThrough('k', () => gate.promise);
    await settle();
    await cache.delete('k');
    gate.resolve('v');
    await writing;
    expect(await cache.get('k')).toBeUndefined();
  });

  it('is not undone by a load that began before the commit, with a store', async () => {
    const { cache } = fleet.join();
    const commit = createDeferred<string>();
    const writing = cache.writeThrough('k', () => commit.promise);
    await settle();
    const reading = cache.getOrSet('k', () => 'old');
    await settle();
    commit.resolve('new');
    expect(await writing).toBe('new');
    await fleet.clock.advanceAsync(6000);
    await reading;
    expect(await cache.get('k')).toBe('new');
  });

  it('is not undone by a load that began before the commit, in memory alone', async () => {
    const cache = createCache<string>();
    const commit = createDeferred<string>();
    const read = createDeferred<string>();
    const writing = cache.writeThrough('k', () => commit.promise);
    await settle();
    const reading = cache.getOrSet('k', () => read.promise);
    await settle();
    commit.resolve('new');
    await writing;
    read.resolve('old');
    expect(await reading).toBe('old');
    expect(cache.getLocal('k')).toBe('new');
    await cache.close();
  });

  it('does not undo a delete that is called while its value is being stored, without tickets', async () => {
    let deleting: Promise<unknown> | undefined;
    const encode = (value: unknown): Uint8Array => {
      deleting = cache.delete('k');
      return Buffer.from(String(value));
    };
    const codec = { ...jsonCodec, id: 202, name: 'deleting', encode };
    const { cache, store } = fleet.join({ codec }, { conditional: false });
    await cache.writeThrough('k', async () => 'v1');
    await deleting;
    expect([fleet.backend.keys, store.callsOf('setMany').length]).toEqual([[], 0]);
  });

  it('queues its delete when the store is down, and the caller gets the value', async () => {
    const { cache, store } = fleet.join();
    const other = fleet.join();
    await other.cache.set('k', 'old');
    store.fail(undefined, new Error('down'), { times: Infinity });
    expect(await cache.writeThrough('k', async () => 'new')).toBe('new');
    expect(cache.stats().tiers[1]?.pending).toBe(1);
    store.heal();
    await fleet.clock.advanceAsync(1000);
    expect(fleet.backend.keys).toEqual([]);
  });

  it('queues a delete when the settlement is not known', async () => {
    const { cache, store } = fleet.join();
    store.unknown('settle', { applied: true });
    store.fail('deleteMany', new Error('down'));
    expect(await cache.writeThrough('k', async () => 'v')).toBe('v');
    await fleet.clock.advanceAsync(2000);
    expect(fleet.backend.keys).toEqual([]);
  });

  it('works on the first use of a cache that has never read the ledger', async () => {
    await fleet.join().cache.clear();
    const { cache } = fleet.join();
    await cache.writeThrough('k', async () => 'v');
    expect(await fleet.join().cache.get('k')).toBe('v');
  });

  it('keeps its ticket alive while it writes, and aborts its signal at the hard timeout', async () => {
    const { cache } = fleet.join({ loadTimeout: { hard: '20s' }, memory: false });
    const commit = createDeferred<string>();
    let seen: AbortSignal | undefined;
    const writing = cache.writeThrough('k', ({ signal }) => {
      seen = signal;
      return commit.promise;
    });
    await fleet.clock.advanceAsync(19_999);
    expect([seen?.aborted, fleet.backend.ticketOf('k') === undefined]).toEqual([false, false]);
    await fleet.clock.advanceAsync(1);
    expect(seen?.aborted).toBe(true);
    await fleet.clock.advanceAsync(20_000);
    commit.resolve('committed after all');
    expect(await writing).toBe('committed after all');
    expect(await fleet.join({ memory: false }).cache.get('k')).toBe('committed after all');
    expect(fleet.clock.pendingTimers).toBe(0);
  });

  it('stores the tags and the ttl that it was given', async () => {
    const { cache } = fleet.join();
    await cache.writeThrough('k', async () => 'v', { ttl: '1s', tags: ['t'] });
    expect((await cache.explain('k')).tiers[1]).toMatchObject({ tags: ['t'], fresh: 1000 });
    await cache.invalidateTags(['t']);
    expect(await cache.get('k')).toBeUndefined();
  });
});
