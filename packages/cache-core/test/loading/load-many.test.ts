import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache } from '../../src/index.ts';
import { Fleet, never } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

/** Loads every key as its own value and notes the calls. */
function loader(): {
  calls: (readonly string[])[];
  load: (keys: readonly string[]) => Map<string, string>;
} {
  const calls: (readonly string[])[] = [];
  return {
    calls,
    load: (keys) => {
      calls.push(keys);
      return new Map(keys.map((key) => [key, `value of ${key}`]));
    },
  };
}

describe('getOrSetMany', () => {
  it('loads what is missing by one call, and returns all in the order of the keys', async () => {
    const { cache, store } = fleet.join();
    await cache.set('b', 'set');
    store.forgetCalls();
    const { calls, load } = loader();
    const values = await cache.getOrSetMany(['a', 'b', 'c', 'a'], load);
    expect([...values]).toEqual([
      ['a', 'value of a'],
      ['b', 'set'],
      ['c', 'value of c'],
    ]);
    expect(calls).toEqual([['a', 'c']]);
    expect(store.callsOf('getMany')).toHaveLength(1);
    expect(await cache.getOrSetMany(['a', 'b', 'c'], never)).toEqual(values);
  });

  it('asks each tier once, takes the tickets by one call and stores by one call', async () => {
    const { cache, store } = fleet.join();
    const { calls, load } = loader();
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
    await cache.getOrSetMany(keys, load);
    expect(store.calls.map(({ operation, keys: asked }) => [operation, asked.length])).toEqual([
      ['delta', 0],
      ['getMany', 50],
      ['ticketMany', 50],
      ['fillMany', 50],
    ]);
    expect(calls).toEqual([keys]);
    expect(fleet.backend.keys).toEqual(keys);
  });

  it('loads by one call however many calls the tickets take', async () => {
    const { cache, store } = fleet.join({}, { scope: 'host' });
    const { calls, load } = loader();
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    const hold = store.hold({ operation: 'ticketMany', times: 1 });
    const loading = cache.getOrSetMany(keys, load);
    await hold.reached();
    await settle();
    hold.release();
    expect((await loading).size).toBe(200);
    expect(store.callsOf('ticketMany').length).toBeGreaterThan(1);
    expect(calls).toHaveLength(1);
  });

  it('loads what it has tickets of without waiting for the keys of others', async () => {
    const { cache } = fleet.join();
    const other = fleet.join();
    const gate = createDeferred<string>();
    const theirs = other.cache.getOrSet('b', () => gate.promise);
    await settle();
    const { calls, load } = loader();
    const many = cache.getOrSetMany(['a', 'b', 'c'], load);
    await settle();
    expect(calls).toEqual([['a', 'c']]);
    gate.resolve('theirs');
    await theirs;
    await fleet.clock.advanceAsync(100);
    expect([...(await many).values()]).toEqual(['value of a', 'theirs', 'value of c']);
    expect(calls).toHaveLength(1);
  });

  it('leaves out the keys that nobody knows, and does not store them', async () => {
    const { cache } = fleet.join();
    const values = await cache.getOrSetMany(['a', 'b'], () => new Map([['a', 'v']]));
    expect([...values]).toEqual([['a', 'v']]);
    expect(await cache.has('b')).toBe(false);
    expect(fleet.backend.ticketOf('b')).toBeUndefined();
  });

  it('waits for a load of one of its keys that is under way', async () => {
    const { cache } = fleet.join();
    const gate = createDeferred<string>();
    const single = cache.getOrSet('a', () => gate.promise);
    await settle();
    const { calls, load } = loader();
    const many = cache.getOrSetMany(['a', 'b'], load);
    await settle();
    gate.resolve('alone');
    expect([...(await many).values()]).toEqual(['alone', 'value of b']);
    expect(await single).toBe('alone');
    expect(calls).toEqual([['b']]);
  });

  it('rejects with what the loader throws, and all of its keys can be loaded again', async () => {
    const { cache } = fleet.join();
    const fail = (): never => {
      throw new Error('no');
    };
    await expect(cache.getOrSetMany(['a', 'b'], fail)).rejects.toThrow('no');
    const { load } = loader();
    expect((await cache.getOrSetMany(['a', 'b'], load)).size).toBe(2);
  });

  it('rejects when the loader returns something else than a map', async () => {
    const { cache } = fleet.join();
    const load = (): never => ({ a: 1 }) as never;
    await expect(cache.getOrSetMany(['a'], load)).rejects.toThrow(TypeError);
  });

  it('counts as one load towards loadConcurrency', async () => {
    const cache = createCache<string>({ loadConcurrency: 1 });
    const { load } = loader();
    expect((await cache.getOrSetMany(['a', 'b', 'c'], load)).size).toBe(3);
    await cache.close();
  });

  it('stops waiting when its signal aborts; the load goes on', async () => {
    const { cache } = fleet.join();
    const gate = createDeferred<Map<string, string>>();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = cache.getOrSetMany(['a', 'b'], () => gate.promise, { signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    gate.resolve(new Map([['a', 'v']]));
    await settle();
    expect(cache.getLocal('a')).toBe('v');
  });

  it("aborts its loader's signal when all of its keys are given up", async () => {
    const { cache } = fleet.join({ loadTimeout: { hard: 100 } });
    let seen: AbortSignal | undefined;
    const ended = Promise.allSettled([
      cache.getOrSetMany(['a', 'b'], (_, { signal }) => {
        seen = signal;
        return new Promise(() => undefined);
      }),
    ]);
    await settle();
    expect(seen?.aborted).toBe(false);
    await fleet.clock.advanceAsync(100);
    expect(await ended).toMatchObject([{ reason: { code: 'PERF_CACHE_LOAD_TIMEOUT' } }]);
    expect(seen?.aborted).toBe(true);
  });

  it('needs nothing for no keys', async () => {
    const { cache, store } = fleet.join();
    expect((await cache.getOrSetMany([], never)).size).toBe(0);
    expect(store.calls).toEqual([]);
  });
});
