import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache } from '../../src/index.ts';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('health', () => {
  it('is good without a store', async () => {
    const cache = createCache();
    expect(await cache.health()).toEqual({ healthy: true, stores: [] });
    await cache.close();
  });

  it('tells what each store says of itself', async () => {
    const { cache } = fleet.join();
    await cache.set('k', 'v');
    expect(await cache.health()).toEqual({
      healthy: true,
      stores: [
        { name: 'reference', available: true, pending: 0, unsevered: 0, healthy: true, entries: 1 },
      ],
    });
  });

  it('is bad while an invalidation is pending, or a store is left alone', async () => {
    const { cache, store } = fleet.join();
    store.fail('deleteMany', new Error('down'));
    await cache.delete('k');
    expect(await cache.health()).toMatchObject({
      healthy: false,
      stores: [{ available: false, pending: 1 }],
    });
    await fleet.clock.advanceAsync(1000);
    expect(await cache.health()).toMatchObject({ healthy: true });
  });

  it('is bad while a store is left alone that answers when it is asked how it is', async () => {
    const { cache, store } = fleet.join();
    store.fail('getMany', new Error('down'));
    await cache.get('k');
    expect(await cache.health()).toMatchObject({
      healthy: false,
      stores: [{ healthy: true, available: false, pending: 0 }],
    });
    await fleet.clock.advanceAsync(1000);
    expect(await cache.health()).toMatchObject({ healthy: true, stores: [{ available: true }] });
  });

  it('waits no longer than storeTimeout, and never rejects', async () => {
    const { cache, store } = fleet.join();
    const hold = store.hold({ operation: 'health', onAbort: 'ignore' });
    const asking = cache.health();
    await fleet.clock.advanceAsync(250);
    expect(await asking).toMatchObject({
      healthy: false,
      stores: [{ reason: expect.stringContaining('250 ms') }],
    });
    hold.release();
    store.fail('health', new Error('broken'));
    expect(await cache.health()).toMatchObject({ stores: [{ reason: 'broken' }] });
    expect(fleet.clock.pendingTimers).toBe(0);
  });
});
