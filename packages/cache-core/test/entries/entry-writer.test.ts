import { createDeferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, type CacheStore, type TieredCache } from '../../src/index.ts';
import {
  controllableStore,
  createBusHub,
  createReferenceBackend,
  referenceBus,
  referenceStore,
  type ControllableStore,
} from '../../src/testing.ts';

/** A store of this instance alone before the shared one; another instance shares only that. */
describe('a store of its own, told of a change by another instance before a write is sent', () => {
  let clock: ManualClock;
  let disk: ControllableStore;
  let cache: TieredCache<string>;
  let other: TieredCache<string>;
  beforeEach(() => {
    clock = new ManualClock();
    const hub = createBusHub({ clock });
    const backend = createReferenceBackend({ clock });
    const own = createReferenceBackend({ clock });
    disk = controllableStore(referenceStore({ backend: own, name: 'disk' }));
    const shared = (): CacheStore => referenceStore({ backend, hub });
    const open = (...stores: readonly CacheStore[]): TieredCache<string> =>
      createCache<string>({ stores, bus: referenceBus({ hub }), clock, memory: false });
    cache = open(disk, shared());
    other = open(shared());
  });
  afterEach(async () => {
    disk.heal();
    disk.thaw();
    await Promise.all([cache.close(), other.close()]);
  });

  /** What was pending in the store when the write had its turn is written first, and takes its time. */
  async function keepReplaying(): Promise<() => void> {
    const replay = disk.hold({ operation: 'deleteMany', times: 1, onAbort: 'ignore' });
    await other.delete('another key');
    await replay.reached();
    return () => {
      replay.release();
    };
  }

  it('does not get what was read before', async () => {
    await other.set('k', 'old');
    const goOn = await keepReplaying();
    expect(await cache.get('k')).toBe('old');
    await settle();
    await other.delete('k');
    goOn();
    await settle();
    expect(await cache.get('k')).toBeUndefined();
  });

  it('does not get what was loaded before', async () => {
    const goOn = await keepReplaying();
    const loading = cache.getOrSet('k', () => 'old');
    await settle();
    await other.delete('k');
    goOn();
    expect(await loading).toBe('old');
    await settle();
    expect(await cache.get('k')).toBeUndefined();
  });

  it('does not get what was written through before', async () => {
    const committed = createDeferred();
    const writing = cache.writeThrough('k', async () => {
      await committed.promise;
      return 'old';
    });
    await settle();
    const goOn = await keepReplaying();
    committed.resolve();
    await settle();
    await other.delete('k');
    goOn();
    expect(await writing).toBe('old');
    await settle();
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('writes of single keys', () => {
  const clock = new ManualClock();
  let store: ControllableStore;
  let cache: TieredCache<string>;
  beforeEach(() => {
    store = controllableStore(referenceStore({ backend: createReferenceBackend({ clock }) }));
    cache = createCache<string>({ stores: [store], clock, memory: false });
  });
  afterEach(async () => {
    store.heal();
    await cache.close();
  });

  it('are sent together when they are called in one turn', async () => {
    await Promise.all([cache.set('a', '1'), cache.set('b', '2'), cache.set('c', '3')]);
    await Promise.all([cache.delete('a'), cache.delete('b')]);
    expect(store.callsOf('setMany').map(({ keys }) => keys)).toEqual([['a', 'b', 'c']]);
    expect(store.callsOf('deleteMany').map(({ keys }) => keys)).toEqual([['a', 'b']]);
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(new Map([['c', '3']]));
  });

  it('are queued one by one where the store does not know of some', async () => {
    const errors: (string | undefined)[] = [];
    cache.on('error', ({ key }) => errors.push(key));
    const original = store.setMany.bind(store);
    store.setMany = async (entries, call) => {
      const results = await original(entries, call);
      return results.map((result, index) => (entries[index]?.key === 'b' ? 'unknown' : result));
    };
    const outcomes = await Promise.all([cache.set('a', '1'), cache.set('b', '2')]);
    expect(outcomes.map(({ stores }) => stores)).toEqual(['applied', 'queued']);
    expect(errors).toEqual(['b']);
    await settle();
    expect(await cache.getMany(['a', 'b'])).toEqual(new Map([['a', '1']]));
  });
});
