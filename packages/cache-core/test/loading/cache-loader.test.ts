import { getEventListeners } from 'node:events';
import { abortable, ConfigError, createDeferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, LoadTimeoutError, type TieredCache } from '../../src/index.ts';
import { Fleet, never, POLL } from '../tiered/fleet.ts';

let clock: ManualClock;
let cache: TieredCache<unknown>;
beforeEach(() => {
  clock = new ManualClock();
  cache = createCache<unknown>({ ttl: '1h', clock });
});
afterEach(() => cache.close());

describe('a load', () => {
  it('that fails rejects all who share it, is counted once, and is not cached', async () => {
    const gate = createDeferred<never>();
    const callers = Array.from({ length: 5 }, () => cache.getOrSet('k', () => gate.promise));
    await settle();
    gate.reject(new Error('no'));
    const results = await Promise.allSettled(callers);
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(cache.stats()).toMatchObject({ loads: 1, loadErrors: 1, coalesced: 4, misses: 5 });
    expect(await cache.getOrSet('k', () => 'again')).toBe('again');
  });

  it.each([
    ['is too old for who comes after a soft invalidation', 0, 'new'],
    ['serves who comes after a soft invalidation for as long as staleWhileRevalidate', 400, 'old'],
  ])('that began before %s', async (_, staleWhileRevalidate, expected) => {
    const own = createCache<string>({ ttl: '1h', staleWhileRevalidate, clock });
    const gate = createDeferred<string>();
    const before = own.getOrSet('k', () => gate.promise, { tags: ['t'] });
    await settle();
    await own.invalidateTags(['t'], { keep: 'stale' });
    const after = own.getOrSet('k', () => 'new', { tags: ['t'] });
    gate.resolve('old');
    expect([await before, await after]).toEqual(['old', expected]);
    await own.close();
  });

  it('may throw at once', async () => {
    const load = (): never => {
      throw new Error('sync');
    };
    await expect(cache.getOrSet('k', load)).rejects.toThrow('sync');
    expect(cache.stats()).toMatchObject({ loads: 1, loadErrors: 1 });
  });

  it('may return anything that has a then', async () => {
    const thenable: PromiseLike<string> = {
      // oxlint-disable-next-line unicorn/no-thenable -- the point of the test
      then: (resolve) => Promise.resolve('v').then(resolve),
    };
    expect(await cache.getOrSet('k', () => thenable)).toBe('v');
    expect(cache.getLocal('k')).toBe('v');
  });

  it('does not store undefined, and stores null, 0, false and the empty string', async () => {
    expect(await cache.getOrSet('u', () => undefined)).toBeUndefined();
    expect(await cache.has('u')).toBe(false);
    for (const value of [null, 0, false, '']) {
      await cache.getOrSet('k', () => value);
      expect(await cache.getOrSet('k', never)).toBe(value);
      await cache.delete('k');
    }
  });

  it('that takes too long rejects with LoadTimeoutError; what comes late is stored nowhere', async () => {
    const gate = createDeferred<string>();
    let seen: AbortSignal | undefined;
    const loading = Promise.allSettled([
      cache.getOrSet('k', ({ signal }) => {
        seen = signal;
        return gate.promise;
      }),
    ]);
    await clock.advanceAsync(29_999);
    expect(seen?.aborted).toBe(false);
    await clock.advanceAsync(1);
    expect(await loading).toMatchObject([
      { reason: { key: 'k', timeout: 30_000, code: 'PERF_CACHE_LOAD_TIMEOUT' } },
    ]);
    expect(seen?.aborted).toBe(true);
    gate.resolve('late');
    await settle();
    expect(await cache.get('k')).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('has its whole time from its turn on, however long it waited for it', async () => {
    const small = createCache({ loadConcurrency: 1, loadTimeout: { hard: 100 }, clock });
    const hung = small.getOrSet('a', ({ signal }) => abortable(createDeferred().promise, signal));
    const late = createDeferred<string>();
    const waiting = small.getOrSet('b', () => late.promise);
    const ended = Promise.allSettled([hung]);
    await clock.advanceAsync(100);
    expect(await ended).toMatchObject([{ reason: expect.any(LoadTimeoutError) }]);
    await clock.advanceAsync(99);
    late.resolve('in time');
    expect(await waiting).toBe('in time');
    await small.close();
  });

  it('is one for a key even if a thousand ask', async () => {
    const fleet = new Fleet();
    const { cache: shared } = fleet.join<number>();
    let loads = 0;
    const callers = Array.from({ length: 1000 }, () => shared.getOrSet('k', () => ++loads));
    expect(new Set(await Promise.all(callers))).toEqual(new Set([1]));
    await fleet.close();
  });
});

describe("a caller's signal", () => {
  it('ends its own wait and nothing else', async () => {
    const gate = createDeferred<string>();
    const controller = new AbortController();
    const patient = cache.getOrSet('k', () => gate.promise);
    const impatient = cache.getOrSet('k', never, { signal: controller.signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    gate.resolve('v');
    expect(await patient).toBe('v');
  });

  it('of the only caller leaves the load to go on for the cache', async () => {
    const gate = createDeferred<string>();
    const controller = new AbortController();
    const waiting = cache.getOrSet('k', () => gate.promise, { signal: controller.signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    gate.resolve('v');
    await settle();
    expect(cache.getLocal('k')).toBe('v');
  });

  it('that is aborted already loads nothing', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(cache.getOrSet('k', never, { signal })).rejects.toThrow('before');
    expect(cache.stats().loads).toBe(0);
  });

  it('has no listener left afterwards', async () => {
    const { signal } = new AbortController();
    for (let round = 0; round < 3; round++) {
      await cache.getOrSet(`k${round}`, () => round, { signal });
      await cache.getOrSet('bad', never, { signal }).catch(() => undefined);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe("a loader's context", () => {
  it('names the key and sets the ttl, and skips storing', async () => {
    await cache.getOrSet('k', ({ key, setTtl }) => {
      setTtl('1s');
      return key;
    });
    expect(cache.getLocal('k')).toBe('k');
    clock.advance(1000);
    expect(await cache.get('k')).toBeUndefined();
    const load = ({ skip }: { skip: () => void }): string => {
      skip();
      return 'v';
    };
    expect(await cache.getOrSet('k', load)).toBe('v');
    expect(await cache.get('k')).toBeUndefined();
  });

  it('adds tags to those of the call', async () => {
    await cache.getOrSet(
      'k',
      ({ tag }) => {
        tag('late', 'later');
        return 'v';
      },
      { tags: ['early'] },
    );
    expect((await cache.explain('k')).tiers[0]?.tags).toEqual(['early', 'late', 'later']);
  });

  it.each([
    ['ttl 0', (context: { setTtl: (ttl: number) => void }) => context.setTtl(0)],
    ['an empty tag', (context: { tag: (tag: string) => void }) => context.tag('')],
  ])('refuses %s, which fails the load', async (_, misuse) => {
    await expect(cache.getOrSet('k', (context) => misuse(context))).rejects.toThrow(ConfigError);
    expect(await cache.has('k')).toBe(false);
  });

  it('hands over the value that is being replaced', async () => {
    const swr = createCache<string>({ ttl: 100, staleWhileRevalidate: 1000, clock });
    const seen: unknown[] = [];
    const load = ({ previous }: { previous: string | undefined }): string => {
      seen.push(previous);
      return `v${seen.length}`;
    };
    await swr.getOrSet('k', load);
    clock.advance(200);
    expect(await swr.getOrSetResult('k', load)).toMatchObject({ state: 'stale', value: 'v1' });
    await settle();
    expect(seen).toEqual([undefined, 'v1']);
    expect(swr.getLocal('k')).toBe('v2');
    await swr.close();
  });
});

describe('a stale value', () => {
  it('is served to all while one refresh runs', async () => {
    const swr = createCache<number>({ ttl: 100, staleWhileRevalidate: 1000, clock });
    await swr.getOrSet('k', () => 0);
    clock.advance(100);
    const gate = createDeferred<number>();
    let loads = 0;
    const load = (): Promise<number> => {
      loads++;
      return gate.promise;
    };
    for (let caller = 0; caller < 5; caller++) expect(await swr.getOrSet('k', load)).toBe(0);
    expect([loads, swr.stats().refreshes]).toEqual([1, 1]);
    gate.resolve(1);
    await settle();
    expect(await swr.getOrSet('k', never)).toBe(1);
    await swr.close();
  });

  it('outlives a refresh that fails, which is an event', async () => {
    const swr = createCache<number>({ ttl: 100, staleWhileRevalidate: 1000, clock });
    const errors: unknown[] = [];
    swr.on('error', ({ operation, key }) => errors.push({ operation, key }));
    await swr.getOrSet('k', () => 0);
    clock.advance(100);
    const fail = (): never => {
      throw new Error('no');
    };
    expect(await swr.getOrSet('k', fail)).toBe(0);
    await settle();
    expect(errors).toEqual([{ operation: 'refresh', key: 'k' }]);
    expect(await swr.getOrSet('k', fail)).toBe(0);
    await swr.close();
  });
});

describe('a flight that was outdated before its load', () => {
  let fleet: Fleet;
  beforeEach(() => {
    fleet = new Fleet();
  });
  afterEach(() => fleet.close());

  it('starts over, so that the load begins after the change', async () => {
    const { cache: shared, store } = fleet.join();
    const hold = store.hold({ operation: 'ticketMany', times: 1 });
    let value = 'old';
    const loading = shared.getOrSet('k', () => value);
    await hold.reached();
    value = 'new';
    const deleting = shared.delete('k');
    hold.release();
    await deleting;
    expect(await loading).toBe('new');
    expect(shared.stats().loads).toBe(1);
  });

  it('loads at last when the key keeps changing, and stores that nowhere', async () => {
    const { cache: shared, store } = fleet.join();
    const loading = shared.getOrSet('k', () => 'v');
    for (let change = 0; change < 10; change++) {
      const hold = store.hold({ operation: 'ticketMany', times: 1 });
      await settle();
      const deleting = shared.delete('k');
      hold.release();
      await deleting;
    }
    expect(await loading).toBe('v');
    expect(shared.stats().loads).toBe(1);
    expect(store.callsOf('fillMany')).toEqual([]);
  });
});

describe('a load that waits for its turn', () => {
  let fleet: Fleet;
  let loads: string[];
  beforeEach(() => {
    fleet = new Fleet();
    loads = [];
  });
  afterEach(() => fleet.close());

  /** A cache whose only turn is taken until it is given free. */
  async function busy(shared: TieredCache<string>): Promise<{ free: () => Promise<void> }> {
    const turn = createDeferred<string>();
    const running = shared.getOrSet('busy', () => turn.promise);
    await settle();
    return {
      async free() {
        turn.resolve('done');
        await running;
      },
    };
  }

  it('is not begun once its key was changed: who waits gets what is loaded instead, once', async () => {
    const { cache: shared } = fleet.join({ loadConcurrency: 1 });
    const { free } = await busy(shared);
    const load = (value: string) => (): string => {
      loads.push(value);
      return value;
    };
    const early = shared.getOrSet('k', load('first'));
    await settle();
    await shared.delete('k');
    const late = shared.getOrSet('k', load('second'));
    await settle();
    await free();
    expect([await early, await late]).toEqual(['second', 'second']);
    expect(loads).toEqual(['second']);
    expect(shared.getLocal('k')).toBe('second');
  });

  it('is not begun by getOrSetMany either, for those keys that were changed', async () => {
    const { cache: shared } = fleet.join({ loadConcurrency: 1 });
    const { free } = await busy(shared);
    const many = shared.getOrSetMany(['a', 'b'], (keys) => {
      loads.push(keys.join(' '));
      return new Map(keys.map((key) => [key, `loaded ${key}`]));
    });
    await settle();
    await settle();
    await shared.delete('a');
    await free();
    expect([...(await many)]).toEqual([
      ['a', 'loaded a'],
      ['b', 'loaded b'],
    ]);
    expect(loads).toEqual(['b', 'a']);
  });

  it('is not begun once its ticket was taken over: it finds what the other one has stored', async () => {
    const slow = fleet.join({ loadConcurrency: 1 });
    const quick = fleet.join({ leaseWait: 1000 });
    const { free } = await busy(slow.cache);
    const waiting = slow.cache.getOrSet('k', () => {
      loads.push('slow');
      return 'by the slow one';
    });
    await settle();
    const other = quick.cache.getOrSet('k', () => 'by the quick one');
    await fleet.clock.advanceAsync(4000);
    expect(await other).toBe('by the quick one');
    await free();
    expect(await waiting).toBe('by the quick one');
    expect(loads).toEqual([]);
  });

  it('is as of its turn: an invalidation before that says nothing against its value', async () => {
    const { cache: shared } = fleet.join({ loadConcurrency: 1 });
    const { free } = await busy(shared);
    const waiting = shared.getOrSet('k', ({ tag }) => {
      tag('x');
      return 'new';
    });
    await settle();
    await shared.invalidateTags(['x']);
    await free();
    expect(await waiting).toBe('new');
    expect(await shared.getOrSet('k', never)).toBe('new');
  });
});

describe('joining a flight of this process', () => {
  let fleet: Fleet;
  beforeEach(() => {
    fleet = new Fleet();
  });
  afterEach(() => fleet.close());

  it('long after another instance deleted the key is not possible: a new load begins', async () => {
    const a = fleet.join();
    const b = fleet.join();
    const old = createDeferred<string>();
    const early = b.cache.getOrSet('k', () => old.promise);
    await settle();
    await a.cache.delete('k');
    await fleet.clock.advanceAsync(5000);
    const late = b.cache.getOrSet('k', () => 'new');
    expect(await late).toBe('new');
    old.resolve('old');
    expect(await early).toBe('old');
    expect(await b.cache.get('k')).toBe('new');
  });

  it('long after another instance cleared everything leads to a load of its own', async () => {
    const a = fleet.join();
    const b = fleet.join();
    const old = createDeferred<string>();
    const early = b.cache.getOrSet('k', () => old.promise);
    await settle();
    await a.cache.clear();
    fleet.clock.advance(POLL);
    const late = b.cache.getOrSet('k', () => 'new');
    await settle();
    old.resolve('old');
    expect(await early).toBe('old');
    expect(await late).toBe('new');
  });

  it('that began before an invalidation which was queued is of use to nobody who came after it', async () => {
    const { cache: shared, store } = fleet.join();
    const old = createDeferred<string>();
    const early = shared.getOrSet('k', async ({ tag }) => {
      const value = await old.promise;
      tag('x');
      return value;
    });
    await settle();
    store.fail('bump', new Error('down'), { times: 1 });
    expect(await shared.invalidateTags(['x'])).toMatchObject({ stores: 'queued' });
    const late = shared.getOrSet('k', () => 'new', { tags: ['x'] });
    // The replay gives it a number, which was not known when the second one came.
    await fleet.clock.advanceAsync(1000);
    expect(shared.stats().tiers.at(-1)?.pending).toBe(0);
    old.resolve('old');
    expect(await early).toBe('old');
    expect(await late).toBe('new');
  });

  it('costs a delta when what is known is old, and nothing when it is fresh', async () => {
    const { cache: shared, store } = fleet.join();
    const gate = createDeferred<string>();
    const callers = [shared.getOrSet('k', () => gate.promise)];
    await settle();
    store.forgetCalls();
    callers.push(shared.getOrSet('k', never));
    await settle();
    expect(store.calls).toEqual([]);
    fleet.clock.advance(POLL);
    callers.push(shared.getOrSet('k', never), shared.getOrSet('k', never));
    await settle();
    expect(store.callsOf('delta').length).toBeLessThanOrEqual(2);
    gate.resolve('v');
    expect(await Promise.all(callers)).toEqual(['v', 'v', 'v', 'v']);
    expect(shared.stats().loads).toBe(1);
  });

  it('out of reach of the store waits for one successor that all share', async () => {
    const { cache: shared, store } = fleet.join<number>({ isolated: { serve: 0 } });
    store.fail(undefined, new Error('down'), { times: Infinity });
    const gate = createDeferred<number>();
    let loads = 0;
    const load = async (): Promise<number> => {
      const mine = ++loads;
      if (mine === 1) await gate.promise;
      return mine;
    };
    const first = shared.getOrSet('k', load);
    await settle();
    fleet.clock.advance(200);
    const others = [1, 2, 3].map(() => shared.getOrSet('k', load));
    await settle();
    expect(loads).toBe(1);
    gate.resolve(0);
    expect(await first).toBe(1);
    expect(await Promise.all(others)).toEqual([2, 2, 2]);
  });
});
