import { createDeferred, type Policy } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PendingLostError } from '../../src/index.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
} from '../../src/testing.ts';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

/** A store without fencing on data of its own, as files are. */
function plainStore(name: string): ControllableStore {
  const backend = createReferenceBackend({ clock: fleet.clock });
  return controllableStore(referenceStore({ backend, name, conditional: false }));
}

describe('a store policy that tries again', () => {
  it('does not let a fill overtake a delete that was called after it', async () => {
    const again = createDeferred();
    const retry: Policy = {
      async execute(fn) {
        const attempt = async () => fn({ signal: new AbortController().signal });
        try {
          return await attempt();
        } catch {
          await again.promise;
          return attempt();
        }
      },
    };
    const store = plainStore('files');
    const { cache } = fleet.own({ stores: [store], storePolicy: retry }, store);
    store.fail('setMany', new Error('once'));
    const loading = cache.getOrSet('k', () => 'old');
    await settle();
    const deleting = cache.delete('k');
    await settle();
    again.resolve();
    await Promise.all([loading, deleting]);
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('a read of the farther store that crosses a delete', () => {
  // The gap, if there were one, would be a microtask wide somewhere between reply and resolution.
  it.each(Array.from({ length: 40 }, (_, ticks) => ticks))(
    'puts nothing into the nearer one when it is answered %i ticks after the delete was',
    async (ticks) => {
      const near = plainStore('near');
      const far = plainStore('far');
      const { cache } = fleet.own({ stores: [near, far], memory: false }, far);
      await cache.set('k', 'old');
      await near.deleteMany(['k'], { signal: new AbortController().signal });
      const read = far.hold({ operation: 'getMany', when: 'after', times: 1 });
      const deletion = far.hold({ operation: 'deleteMany', when: 'after', times: 1 });
      const reading = cache.get('k');
      await read.reached();
      const deleting = cache.delete('k');
      await deletion.reached();
      deletion.release();
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      read.release();
      expect(await reading).toBe('old');
      await deleting;
      await settle();
      expect(await cache.get('k')).toBeUndefined();
    },
  );
});

describe('an invalidation over stores that know no ledger', () => {
  it('of a tag clears a store that could not be looked through', async () => {
    const store = plainStore('files');
    const policy: Policy = { execute: async (fn) => fn({ signal: new AbortController().signal }) };
    const { cache } = fleet.own({ stores: [store], storePolicy: policy }, store);
    await cache.set('k', 'old', { tags: ['x'] });
    store.fail('getMany', new Error('once'));
    await cache.invalidateTags(['x']);
    expect(store.callsOf('clear')).toHaveLength(1);
    const later = controllableStore(store);
    const { cache: restarted } = fleet.own({ stores: [later] }, later);
    expect(await restarted.get('k')).toBeUndefined();
  });

  it('of a tag that is to be kept stale is not taken for fresh after a restart', async () => {
    const store = plainStore('files');
    const options = { staleWhileRevalidate: '1m' } as const;
    const { cache } = fleet.own({ stores: [store], ...options }, store);
    await cache.set('k', 'old', { tags: ['x'] });
    await cache.invalidateTags(['x'], { keep: 'stale' });
    expect(await cache.getResult('k')).toMatchObject({ state: 'stale', value: 'old' });
    const later = controllableStore(store);
    const { cache: restarted } = fleet.own({ stores: [later], ...options }, later);
    expect(await restarted.get('k')).toBeUndefined();
  });

  it.each(['tags', 'pattern'])('by %s lets other keys be cached while it goes on', async (kind) => {
    const store = plainStore('files');
    const { cache } = fleet.own({ stores: [store] }, store);
    await cache.set('a:1', 'old', { tags: ['x'] });
    const walk = store.hold({ operation: 'keys' });
    const invalidating =
      kind === 'tags' ? cache.invalidateTags(['x']) : cache.invalidatePattern('a:*');
    await walk.reached();
    let loads = 0;
    const load = (): string => `new ${++loads}`;
    for (let round = 0; round < 3; round++) {
      expect(await cache.getOrSet('b:1', load)).toBe('new 1');
    }
    expect(await cache.getOrSet('a:1', () => 'current')).toBe('current');
    expect(await cache.getOrSet('a:1', load)).toBe('current');
    walk.release();
    await invalidating;
    expect(loads).toBe(1);
    expect(await cache.get('b:1')).toBe('new 1');
  });
});

describe('closing while a store does not answer', () => {
  it('tells how many invalidations are lost', async () => {
    const { cache, store, errors } = fleet.join();
    await cache.set('k', 'old');
    store.fail('deleteMany', new Error('down'), { times: Infinity });
    expect(await cache.delete('k')).toMatchObject({ stores: 'queued' });
    await cache.close();
    expect(errors.at(-1)).toMatchObject({
      operation: 'close',
      error: expect.any(PendingLostError),
    });
  });

  it('waits for promotions and fills under way', async () => {
    const near = plainStore('near');
    const far = plainStore('far');
    const { cache } = fleet.own({ stores: [near, far] }, far);
    const hold = near.hold({ operation: 'setMany' });
    void cache.getOrSet('k', () => 'value').catch(() => undefined);
    await hold.reached();
    const closing = cache.close();
    hold.release();
    await closing;
    expect(near.callsOf('close')).toHaveLength(1);
  });
});

it('no more is read of an empty list of keys, values or tags than of none', async () => {
  const { cache, store } = fleet.join();
  await cache.setMany([]);
  await cache.deleteMany([]);
  await cache.invalidateTags([]);
  expect(store.calls).toEqual([]);
});
