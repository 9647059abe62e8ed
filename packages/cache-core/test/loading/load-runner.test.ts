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
