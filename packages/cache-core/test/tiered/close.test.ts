import { ClosedError, createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});

describe('closing a cache', () => {
  it('closes its stores, once', async () => {
    const { cache, store } = fleet.join();
    const first = cache.close();
    expect(cache.close()).toBe(first);
    await first;
    await cache[Symbol.asyncDispose]();
    expect(store.callsOf('close')).toHaveLength(1);
  });

  it('rejects those who wait for a load, whose signal aborts', async () => {
    const { cache } = fleet.join();
    let seen: AbortSignal | undefined;
    const loading = Promise.allSettled([
      cache.getOrSet('k', ({ signal }) => {
        seen = signal;
        return new Promise(() => undefined);
      }),
    ]);
    await settle();
    await cache.close();
    expect(await loading).toMatchObject([{ reason: expect.any(ClosedError) }]);
    expect(seen?.reason).toBeInstanceOf(ClosedError);
    expect(fleet.backend.ticketOf('k')).toBeUndefined();
  });

  it('rejects those who wait for the load of another instance', async () => {
    const { cache } = fleet.join();
    fleet.backend.putTicket('k', 'another', 10_000);
    const loading = Promise.allSettled([cache.getOrSet('k', () => 'v')]);
    await settle();
    await cache.close();
    expect(await loading).toMatchObject([{ reason: expect.any(ClosedError) }]);
  });

  it('waits for writes under way', async () => {
    const { cache, store } = fleet.join();
    await cache.get('k');
    const hold = store.hold({ operation: 'setMany' });
    const setting = cache.set('k', 'v');
    await hold.reached();
    const closing = cache.close();
    await settle();
    expect(store.callsOf('close')).toEqual([]);
    hold.release();
    expect(await setting).toMatchObject({ stores: 'applied' });
    await closing;
    expect(fleet.backend.keys).toEqual(['k']);
  });

  it('writes what is pending if the store answers', async () => {
    const { cache, store } = fleet.join();
    await cache.set('k', 'v');
    store.fail('deleteMany', new Error('once'));
    await cache.delete('k');
    await fleet.clock.advanceAsync(1000);
    await cache.close();
    expect(fleet.backend.keys).toEqual([]);
  });

  it('is not held up by a store that hangs for longer than its timeout', async () => {
    const { cache, store } = fleet.join();
    await cache.get('k');
    store.freeze({ onAbort: 'ignore' });
    void cache.get('k').catch(() => undefined);
    const setting = cache.set('k', 'v');
    const closing = cache.close();
    await fleet.clock.advanceAsync(1000);
    expect(await setting).toMatchObject({ stores: 'queued' });
    await closing;
  });

  it('leaves no timer behind', async () => {
    const { cache, store } = fleet.join();
    await cache.set('a', '1');
    const commit = createDeferred<string>();
    const writing = cache.writeThrough('w', () => commit.promise);
    const loading = Promise.allSettled([
      cache.getOrSet('l', () => new Promise<string>(() => undefined)),
    ]);
    await settle();
    store.fail('deleteMany', new Error('down'), { times: Infinity });
    await cache.delete('a');
    await cache.close();
    await loading;
    commit.resolve('v');
    expect(await writing).toBe('v');
    expect(fleet.clock.pendingTimers).toBe(0);
  });

  it('reports what a store cannot do at its close', async () => {
    const { cache, store, errors } = fleet.join();
    store.fail('close', new Error('cannot close'));
    await cache.close();
    expect(errors.at(-1)).toMatchObject({ operation: 'close', store: 'reference' });
  });

  it('does not wait for a store that does not close', async () => {
    const { cache, store, errors } = fleet.join();
    const hold = store.hold({ operation: 'close', onAbort: 'ignore' });
    const closing = cache.close();
    await hold.reached();
    await fleet.clock.advanceAsync(5000);
    await closing;
    expect(errors.at(-1)).toMatchObject({ operation: 'close', error: { code: 'PERF_TIMEOUT' } });
    hold.release();
  });
});

it('every method of a closed cache rejects with ClosedError', async () => {
  const { cache } = fleet.join();
  await cache.set('k', 'v');
  await cache.close();
  const calls = [
    cache.get('k'),
    cache.getResult('k'),
    cache.getOrThrow('k'),
    cache.getOrSet('k', () => 'v'),
    cache.getOrSetResult('k', () => 'v'),
    cache.getMany(['k']),
    cache.getOrSetMany(['k'], () => new Map()),
    cache.has('k'),
    cache.set('k', 'v'),
    cache.setMany([['k', 'v']]),
    cache.delete('k'),
    cache.deleteMany(['k']),
    cache.writeThrough('k', async () => 'v'),
    cache.invalidateTags(['t']),
    cache.invalidatePattern('*'),
    cache.invalidateWhere(() => true),
    cache.clear(),
    cache.clear('expired'),
    cache.warm([]),
    cache.explain('k'),
  ];
  for (const result of await Promise.allSettled(calls)) {
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(ClosedError) });
  }
  expect(() => cache.getLocal('k')).toThrow(ClosedError);
});

it('statistics and health of a closed cache can still be read', async () => {
  const { cache } = fleet.join();
  await cache.set('k', 'v');
  await cache.close();
  expect(cache.stats().sets).toBe(1);
  expect(await cache.health()).toMatchObject({ healthy: false });
});
