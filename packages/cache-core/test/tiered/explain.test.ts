import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet, POLL } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('explain', () => {
  it('tells what every tier has, since when and for how long', async () => {
    const { cache } = fleet.join({ ttl: 1000 });
    await cache.set('k', 'v', { tags: ['t'] });
    fleet.clock.advance(400);
    const tier = { present: true, usable: true, age: 400, fresh: 600, kept: 600, tags: ['t'] };
    expect(await cache.explain('k')).toEqual({
      key: 'k',
      loading: false,
      writing: false,
      tiers: [
        { tier: 'memory', ...tier },
        { tier: 'reference', ...tier },
      ],
    });
  });

  it('tells why nothing would be served', async () => {
    const { cache, store } = fleet.join();
    const reasons = async (): Promise<unknown[]> =>
      (await cache.explain('k')).tiers.map(({ present, usable, reason }) =>
        usable ? 'usable' : present ? reason : (reason ?? 'absent'),
      );
    expect(await reasons()).toEqual(['absent', 'absent']);
    await cache.set('k', 'v', { tags: ['t'] });
    await fleet.join().cache.invalidateTags(['t']);
    expect(await reasons()).toEqual(['invalidated', 'expired or invalidated']);
    fleet.backend.put('k', Buffer.from('junk'), Infinity);
    await cache.get('k');
    fleet.backend.put('k', Buffer.from('junk'), Infinity);
    expect((await reasons())[1]).toContain('damaged');
    store.fail('deleteMany', new Error('down'));
    await cache.delete('k');
    expect(await reasons()).toEqual(['absent', 'the store does not answer']);
  });

  it('tells that a key is being loaded or written', async () => {
    const { cache, store } = fleet.join();
    await cache.get('k');
    const gate = createDeferred<string>();
    const loading = cache.getOrSet('k', () => gate.promise);
    await settle();
    expect(await cache.explain('k')).toMatchObject({ loading: true, writing: false });
    gate.resolve('v');
    await loading;
    const hold = store.hold({ operation: 'setMany' });
    const setting = cache.set('k', 'w');
    await hold.reached();
    const explaining = cache.explain('k');
    hold.release();
    expect(await explaining).toMatchObject({ loading: false, writing: true });
    await setting;
  });

  it('tells that an entry is served stale', async () => {
    const { cache } = fleet.join({ ttl: 100, staleWhileRevalidate: 1000 });
    await cache.set('k', 'v');
    fleet.clock.advance(200);
    expect((await cache.explain('k')).tiers).toMatchObject([
      { usable: true, reason: 'stale', fresh: -100 },
      { usable: true, reason: 'stale', fresh: -100 },
    ]);
  });

  it('tells that an entry is kept for when its load fails', async () => {
    const { cache } = fleet.join({ ttl: 100, staleIfError: { for: 1000 } });
    await cache.set('k', 'v');
    fleet.clock.advance(200);
    const tier = { usable: false, reason: 'expired; kept for when its load fails', fresh: -100 };
    expect((await cache.explain('k')).tiers).toMatchObject([tier, { ...tier, kept: 900 }]);
  });

  it('tells that a key is not loaded because that failed just now', async () => {
    const { cache } = fleet.join({ ttl: 100, staleIfError: { for: 1000, retryAfter: 500 } });
    await cache.set('k', 'v');
    fleet.clock.advance(200);
    const error = new Error('no');
    await cache.getOrSet('k', () => Promise.reject(error));
    fleet.clock.advance(100);
    expect((await cache.explain('k')).held).toEqual({ for: 400, error });
  });

  it('tells of negative results, early refreshes and touches', async () => {
    const { cache } = fleet.join({ ttl: 1000, slidingTtl: 400, earlyRefresh: true, seed: 1 });
    await cache.getOrSet('k', ({ negative }) => {
      negative(900);
      fleet.clock.advance(10);
      return 'none';
    });
    const [memory, store] = (await cache.explain('k')).tiers;
    expect(memory).toMatchObject({ negative: true, fresh: 900, touch: 200 });
    expect(memory?.earlyRefresh).toBeLessThan(900);
    expect(store).toMatchObject({ negative: true, fresh: 900 });
  });

  it('changes neither statistics nor what memory holds', async () => {
    const { cache } = fleet.join();
    await cache.set('k', 'v', { tags: ['t'] });
    await fleet.join().cache.invalidateTags(['t']);
    fleet.clock.advance(POLL);
    const before = cache.stats();
    await cache.explain('k');
    await cache.explain('other');
    expect(cache.stats()).toEqual(before);
  });
});
