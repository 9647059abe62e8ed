import { ConfigError, createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoadQueueFullError, type Reservation, type TieredCache } from '../../src/index.ts';
import { Fleet, never } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

async function reserve(cache: TieredCache<string>, key = 'k'): Promise<Reservation<string>> {
  const result = await cache.reserve(key);
  if (result.state !== 'miss') throw new Error(`a ${result.state}`);
  return result;
}

describe.each([
  { name: 'with a store', options: {} },
  { name: 'memory alone', options: { stores: [] } },
  { name: 'a store alone', options: { memory: false as const } },
])('a reserved key: $name', ({ options }) => {
  it('is filled like a load, for all who wait', async () => {
    const { cache } = fleet.join(options);
    const reservation = await reserve(cache);
    const waiting = [cache.getOrSet('k', never), cache.reserve('k')];
    await settle();
    expect(await reservation.fill('v', { ttl: 100, tags: ['t'] })).toBe('stored');
    expect(await Promise.all(waiting)).toMatchObject(['v', { state: 'hit', value: 'v' }]);
    expect(await cache.getResult('k')).toMatchObject({ state: 'hit', value: 'v' });
    fleet.clock.advance(100);
    expect(await cache.get('k')).toBeUndefined();
  });

  it('is not filled once it was deleted, set or invalidated', async () => {
    const { cache } = fleet.join(options);
    const changes = [
      () => cache.delete('k'),
      () => cache.set('k', 'set'),
      () => cache.invalidatePattern('k*'),
      () => cache.clear(),
    ];
    for (const change of changes) {
      await cache.delete('k');
      const reservation = await reserve(cache);
      await change();
      expect(await reservation.fill('old')).toBe('discarded');
      expect(await cache.get('k')).not.toBe('old');
    }
  });

  it('is not filled with tags that were invalidated since', async () => {
    const { cache } = fleet.join(options);
    const reservation = await reserve(cache);
    await cache.invalidateTags(['t']);
    expect(await reservation.fill('old', { tags: ['t'] })).toBe('discarded');
    expect(await cache.get('k')).toBeUndefined();
  });

  it('that is released is loaded by who waits', async () => {
    const { cache } = fleet.join(options);
    const reservation = await reserve(cache);
    let loads = 0;
    const waiting = [1, 2].map(() => cache.getOrSet('k', () => `${++loads}`));
    await settle();
    await reservation.release();
    expect(await Promise.all(waiting)).toEqual(['1', '1']);
    expect(await reservation.fill('late')).toBe('discarded');
    expect(await cache.get('k')).toBe('1');
    expect(cache.stats().loadErrors).toBe(0);
  });

  it('is released at the end of its block', async () => {
    const { cache } = fleet.join(options);
    {
      await using reservation = await reserve(cache);
      expect(reservation.previous).toBeUndefined();
    }
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
  });

  it('that nobody fills is loaded by who waits when the hard timeout is over', async () => {
    const { cache } = fleet.join({ ...options, loadTimeout: { hard: 1000 } });
    const reservation = await reserve(cache);
    const waiting = cache.getOrSet('k', () => 'v');
    await fleet.clock.advanceAsync(1000);
    expect(await waiting).toBe('v');
    expect(reservation.signal.aborted).toBe(true);
    expect(await reservation.fill('late')).toBe('discarded');
    expect(await cache.get('k')).toBe('v');
  });
});

describe('reserve', () => {
  it('tells a hit, and a stale value, without reserving anything', async () => {
    const { cache } = fleet.join({ ttl: 100, staleWhileRevalidate: 100 });
    await cache.set('k', 'v');
    expect(await cache.reserve('k')).toMatchObject({ state: 'hit', tier: 'memory', value: 'v' });
    fleet.clock.advance(150);
    expect(await cache.reserve('k')).toMatchObject({ state: 'stale', value: 'v' });
    expect(cache.stats()).toMatchObject({ loads: 0, refreshes: 0, hits: 2 });
  });

  it('holds the ticket for as long as it takes: another instance waits and gets the value', async () => {
    const { cache } = fleet.join();
    const other = fleet.join({ leaseWait: '20s' });
    const reservation = await reserve(cache);
    await fleet.clock.advanceAsync(12_000);
    const theirs = other.cache.getOrSet('k', never);
    await settle();
    expect(await reservation.fill('v')).toBe('stored');
    await fleet.clock.advanceAsync(100);
    expect(await theirs).toBe('v');
  });

  it('is fenced against what other instances change', async () => {
    const { cache } = fleet.join();
    const reservation = await reserve(cache);
    await fleet.join().cache.delete('k');
    expect(await reservation.fill('old')).toBe('discarded');
    expect(await fleet.join().cache.get('k')).toBeUndefined();
  });

  it('hands over what is kept for failing loads', async () => {
    const { cache } = fleet.join({ ttl: 100, staleIfError: { for: 1000 } });
    await cache.set('k', 'old');
    fleet.clock.advance(100);
    const reservation = await reserve(cache);
    expect(reservation.previous).toBe('old');
    await reservation.fill('new');
    expect(cache.getLocal('k')).toBe('new');
  });

  it('takes a place in loadConcurrency, and the queue is bounded', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1, loadQueue: 0 });
    const reservation = await reserve(cache, 'a');
    await expect(cache.reserve('b')).rejects.toThrow(LoadQueueFullError);
    await reservation.release();
    const next = await reserve(cache, 'b');
    await next.release();
  });

  it('given up before its turn leaves the queue and nothing behind', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1 });
    const gate = createDeferred<string>();
    const other = cache.getOrSet('other', () => gate.promise);
    await settle();
    const controller = new AbortController();
    const waiting = cache.reserve('k', { signal: controller.signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    gate.resolve('v');
    await other;
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
  });

  it('given up while the ticket is asked for is released when it comes', async () => {
    const { cache, store } = fleet.join();
    await cache.get('x');
    const hold = store.hold({ operation: 'ticketMany', times: 1 });
    const controller = new AbortController();
    const waiting = cache.reserve('k', { signal: controller.signal });
    await hold.reached();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    hold.release();
    await settle();
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
  });

  it('is over when the cache closes', async () => {
    const { cache } = fleet.join();
    const reservation = await reserve(cache);
    await cache.close();
    expect(reservation.signal.aborted).toBe(true);
    expect(await reservation.fill('late')).toBe('discarded');
    await reservation.release();
  });

  it('refuses undefined, wrong options and keys', async () => {
    const { cache } = fleet.join();
    const reservation = await reserve(cache);
    await expect(reservation.fill(undefined as never)).rejects.toThrow(ConfigError);
    await expect(reservation.fill('v', { ttl: 0 })).rejects.toThrow(ConfigError);
    await expect(cache.reserve('')).rejects.toThrow('cache key');
    await expect(cache.reserve('j', { tll: 1 } as never)).rejects.toThrow(ConfigError);
    expect(await reservation.fill('v')).toBe('stored');
  });
});
