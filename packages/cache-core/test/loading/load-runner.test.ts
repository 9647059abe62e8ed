import { getEventListeners } from 'node:events';
import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoadCycleError, LoadQueueFullError, LoadTimeoutError } from '../../src/index.ts';
import { Fleet } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

/** A loader that goes on although it is given up. */
const deaf = (): Promise<string> => new Promise(() => undefined);

describe('a loader that ignores its signal', () => {
  it('keeps its place in loadConcurrency for as long again as it had, so that no more run', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1, loadTimeout: { hard: 1000 } });
    const hung = Promise.allSettled([cache.getOrSet('a', deaf)]);
    let called = false;
    const next = cache.getOrSet('b', () => {
      called = true;
      return 'b';
    });
    await fleet.clock.advanceAsync(1000);
    expect(await hung).toMatchObject([{ reason: expect.any(LoadTimeoutError) }]);
    await fleet.clock.advanceAsync(999);
    expect(called).toBe(false);
    await fleet.clock.advanceAsync(1);
    expect(await next).toBe('b');
  });

  it('gives its place away when it ends at last', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1, loadTimeout: { hard: 1000 } });
    const gate = createDeferred<string>();
    const late = Promise.allSettled([cache.getOrSet('a', () => gate.promise)]);
    await fleet.clock.advanceAsync(1000);
    await late;
    const next = cache.getOrSet('b', () => 'b');
    await settle();
    gate.reject(new Error('at last'));
    expect(await next).toBe('b');
  });

  it('keeps its place also when it loads many keys', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1, loadTimeout: { hard: 1000 } });
    const many = Promise.allSettled([cache.getOrSetMany(['a', 'b'], deaf as () => never)]);
    await settle();
    const joined = Promise.allSettled([cache.getOrSet('b', deaf)]);
    await fleet.clock.advanceAsync(1000);
    expect(await many).toMatchObject([{ reason: { code: 'PERF_CACHE_LOAD_TIMEOUT', key: 'a' } }]);
    expect(await joined).toMatchObject([{ reason: { code: 'PERF_CACHE_LOAD_TIMEOUT', key: 'b' } }]);
    let called = false;
    const next = cache.getOrSet('c', () => {
      called = true;
      return 'c';
    });
    await fleet.clock.advanceAsync(999);
    expect(called).toBe(false);
    await fleet.clock.advanceAsync(1);
    expect(await next).toBe('c');
  });

  it('does not hold up close', async () => {
    const { cache } = fleet.join({ loadTimeout: { hard: 1000 } });
    const hung = Promise.allSettled([cache.getOrSet('a', deaf)]);
    await fleet.clock.advanceAsync(1000);
    await hung;
    await cache.close();
    expect(fleet.clock.pendingTimers).toBe(0);
  });
});

describe('more loads than loadQueue', () => {
  it('are refused with an error that names it, and can be loaded later', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1, loadQueue: 1 });
    const gate = createDeferred<string>();
    const first = cache.getOrSet('a', () => gate.promise);
    await settle();
    const second = cache.getOrSet('b', () => 'b');
    await settle();
    await expect(cache.getOrSet('c', () => 'c')).rejects.toThrow(LoadQueueFullError);
    expect(fleet.backend.ticketOf('c')).toBeUndefined();
    gate.resolve('a');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    expect(await cache.getOrSet('c', () => 'c')).toBe('c');
  });
});

describe('a loader that asks for its own key', () => {
  it('is told so at once, also through the load of another key', async () => {
    const { cache } = fleet.join();
    const again = (): Promise<string> => cache.getOrSet('k', () => 'inner');
    await expect(cache.getOrSet('k', again)).rejects.toThrow(LoadCycleError);
    await expect(cache.getOrSet('k', () => cache.getOrSet('other', again))).rejects.toThrow(
      LoadCycleError,
    );
    const many = cache.getOrSetMany(['x', 'k'], async () => new Map([['x', await again()]]));
    await expect(many).rejects.toThrow(LoadCycleError);
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
  });

  it('does not keep others from waiting for that load', async () => {
    const { cache } = fleet.join();
    const gate = createDeferred<string>();
    const loading = cache.getOrSet('k', () => gate.promise);
    await settle();
    const other = cache.getOrSet('other', () => cache.getOrSet('k', () => 'never'));
    await settle();
    gate.resolve('v');
    expect(await Promise.all([loading, other])).toEqual(['v', 'v']);
  });
});

describe('loads that wait for each other', () => {
  /** A load per key of a cycle: each waits until all have begun, and then for the next one's key. */
  function cycle(
    size: number,
    ask: (index: number, load: () => Promise<string>) => Promise<unknown>,
  ): Promise<PromiseSettledResult<unknown>[]> {
    const begun = createDeferred();
    let count = 0;
    const started = Array.from({ length: size }, (_, index) =>
      ask(index, async () => {
        count++;
        if (count === size) begun.resolve();
        await begun.promise;
        await ask((index + 1) % size, () => Promise.reject(new Error('a second load')));
        return 'v';
      }),
    );
    return Promise.allSettled(started);
  }

  it('are told so at once, by the one that would close the cycle, however long it is', async () => {
    const { cache } = fleet.join({ loadConcurrency: 10 });
    for (const size of [2, 3, 5]) {
      const ended = await cycle(size, (index, load) => cache.getOrSet(`${size}:${index}`, load));
      expect(ended).toHaveLength(size);
      for (const one of ended) expect(one).toMatchObject({ reason: expect.any(LoadCycleError) });
    }
    expect(await cache.getOrSet('2:0', () => 'later')).toBe('later');
  });

  it('are told so across caches', async () => {
    const caches = [fleet.join().cache, new Fleet().join().cache];
    const ended = await cycle(2, async (index, load) => caches[index]?.getOrSet('k', load));
    for (const one of ended) expect(one).toMatchObject({ reason: expect.any(LoadCycleError) });
    await caches[1]?.close();
  });

  it('are told so when one loads many keys', async () => {
    const { cache } = fleet.join();
    const ended = await cycle(2, (index, load) =>
      index === 0
        ? cache.getOrSet('0', load)
        : cache.getOrSetMany(['1', 'other'], async () => new Map([['1', await load()]])),
    );
    for (const one of ended) expect(one).toMatchObject({ reason: expect.any(LoadCycleError) });
  });

  it('are no cycle once a caller has given up', async () => {
    const { cache } = fleet.join();
    const [begun, gate] = [createDeferred(), createDeferred<string>()];
    const controller = new AbortController();
    const a = cache.getOrSet('a', async () => {
      await cache.getOrSet('b', () => gate.promise, { signal: controller.signal }).catch(() => 'x');
      begun.resolve();
      return gate.promise;
    });
    await settle();
    controller.abort();
    await begun.promise;
    const c = cache.getOrSet('c', () => cache.getOrSet('a', () => 'never'));
    await settle();
    gate.resolve('v');
    expect(await Promise.all([a, c])).toEqual(['v', 'v']);
  });

  it('do not stand still because the awaited one waits for the place of the other', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1 });
    const begun = createDeferred();
    const a = cache.getOrSet('a', async () => {
      await begun.promise;
      return cache.getOrSet('b', () => 'never');
    });
    await settle();
    const b = cache.getOrSet('b', () => 'b');
    await settle();
    begun.resolve();
    expect(await Promise.all([a, b])).toEqual(['b', 'b']);
  });
});

describe('a load that waits for its turn', () => {
  it('is given up with its last caller, who leaves no listener, and begins anew for the next one', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1 });
    const gate = createDeferred<string>();
    const first = cache.getOrSet('a', () => gate.promise);
    await settle();
    const controllers = [new AbortController(), new AbortController()];
    let calls = 0;
    const load = (): string => `load ${++calls}`;
    const waiting = controllers.map(({ signal }) => cache.getOrSet('b', load, { signal }));
    await settle();
    controllers[0]?.abort(new Error('first'));
    await expect(waiting[0]).rejects.toThrow('first');
    await settle();
    expect(fleet.backend.ticketOf('b')).toBeDefined();
    // Called while it is being given up: nobody joins it any more.
    const next = waiting[1]?.catch((error: unknown) => [error, cache.getOrSet('b', load)] as const);
    controllers[1]?.abort(new Error('second'));
    const [error, loading] = (await next) as readonly [Error, Promise<string>];
    expect(error.message).toBe('second');
    for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
    await settle();
    gate.resolve('a');
    expect(await Promise.all([first, loading])).toEqual(['a', 'load 1']);
    expect(fleet.backend.ticketOf('b')).toBeUndefined();
  });

  it('gives its ticket back when it is given up', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1 });
    const gate = createDeferred<string>();
    const first = cache.getOrSet('a', () => gate.promise);
    await settle();
    const controller = new AbortController();
    const waiting = cache.getOrSet('b', () => 'never', controller);
    await settle();
    expect(fleet.backend.ticketOf('b')).toBeDefined();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await settle();
    expect(fleet.backend.ticketOf('b')).toBeUndefined();
    gate.resolve('a');
    await first;
  });

  it('is given up also when it is one of many keys', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1 });
    const gate = createDeferred<string>();
    const first = cache.getOrSet('a', () => gate.promise);
    await settle();
    const controller = new AbortController();
    let called = false;
    const many = cache.getOrSetMany(
      ['b', 'c'],
      () => {
        called = true;
        return new Map();
      },
      controller,
    );
    await settle();
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await expect(many).rejects.toThrow('enough');
    await settle();
    expect(['b', 'c'].map((key) => fleet.backend.ticketOf(key))).toEqual([undefined, undefined]);
    gate.resolve('a');
    await first;
    await settle();
    expect(called).toBe(false);
  });

  it('goes on for the cache when it replaces a stale value', async () => {
    const { cache } = fleet.join({ loadConcurrency: 1, ttl: 1000, staleWhileRevalidate: 10_000 });
    await cache.set('b', 'old');
    await fleet.clock.advanceAsync(1500);
    const gate = createDeferred<string>();
    const first = cache.getOrSet('a', () => gate.promise);
    await settle();
    expect(await cache.getOrSet('b', () => 'new')).toBe('old');
    await fleet.clock.advanceAsync(10_000);
    const controller = new AbortController();
    const joined = cache.getOrSet('b', () => 'never', controller);
    await settle();
    controller.abort(new Error('enough'));
    await expect(joined).rejects.toThrow('enough');
    gate.resolve('a');
    await first;
    await settle();
    expect(await cache.getOrSet('b', () => 'newer')).toBe('new');
  });
});
