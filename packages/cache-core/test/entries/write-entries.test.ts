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
