import { ConfigError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCache, type InvalidationBus, type TieredCacheOptions } from '../../src/index.ts';
import {
  createBusHub,
  createReferenceBackend,
  referenceBus,
  referenceStore,
  type BusHub,
  type ReferenceBackend,
} from '../../src/testing.ts';

let clock: ManualClock;
let hub: BusHub;
let backend: ReferenceBackend;
beforeEach(() => {
  clock = new ManualClock();
  hub = createBusHub({ clock });
  backend = createReferenceBackend({ clock });
});

/** The option that is refused. */
function refused(options: TieredCacheOptions<string>): unknown {
  try {
    createCache<string>(options);
    return undefined;
  } catch (error) {
    return error instanceof ConfigError ? error.option : error;
  }
}

const texts = (): string[] => hub.messages.map(({ text }) => text.split(' ')[1] ?? '');

describe('a bus', () => {
  it('is refused by name when it is none, or serves another cache', async () => {
    expect(refused({ bus: {} as InvalidationBus })).toBe('bus');
    expect(refused({ bus: null as unknown as InvalidationBus })).toBe('createCache.bus');
    const bus = referenceBus({ hub });
    await using _ = createCache({ bus, clock });
    expect(refused({ bus, clock })).toBe('bus');
  });

  it('is needed by memory before a store that announces, and not without memory', async () => {
    expect(refused({ stores: [referenceStore({ backend, hub })], clock })).toBe('bus');
    await using cache = createCache({
      stores: [referenceStore({ backend, hub })],
      memory: false,
      clock,
    });
    expect(await cache.set('k', 'v')).toEqual({ local: true, stores: 'applied', bus: 'none' });
  });

  it('of a cache that is refused is opened by nobody, and can serve another', async () => {
    const bus = referenceBus({ hub });
    expect(refused({ bus, clock, ttl: -1 })).toBe('ttl');
    expect(texts()).toEqual([]);
    await using cache = createCache({ bus, clock });
    expect(texts()).toEqual(['hello', 'beat']);
    expect((await cache.health()).bus).toEqual({
      name: 'reference bus',
      connected: true,
      others: 0,
    });
  });

  it('is closed behind the stores, with a goodbye, and once', async () => {
    const bus = referenceBus({ hub });
    let closed = 0;
    const close = bus.close.bind(bus);
    bus.close = () => {
      closed++;
      return close();
    };
    const cache = createCache<string>({ bus, stores: [referenceStore({ backend, hub })], clock });
    await cache.set('k', 'v');
    await Promise.all([cache.close(), cache.close()]);
    expect([closed, texts().at(-1), clock.pendingTimers]).toEqual([1, 'bye', 0]);
  });

  it('that fails to publish is told by an error event, and the write is queued on it', async () => {
    const bus = referenceBus({ hub });
    await using cache = createCache<string>({ bus, clock });
    const errors: unknown[] = [];
    cache.on('error', ({ operation, error }) => errors.push([operation, error]));
    const failure = new Error('down');
    bus.fail(failure);
    expect(await cache.delete('k')).toEqual({ local: true, stores: 'applied', bus: 'queued' });
    expect(errors).toEqual([['publish', failure]]);
  });
});

describe('caches of memory and a bus', () => {
  it('hear of every change of each other', async () => {
    const open = () => createCache<string>({ bus: referenceBus({ hub }), clock });
    await using a = open();
    await using b = open();
    await clock.advanceAsync(4000);
    const load = (): string => 'old';
    for (const key of ['a', 'b', 'c', 'd']) await b.getOrSet(key, load, { tags: [`tag ${key}`] });
    expect(await a.delete('a')).toEqual({ local: true, stores: 'applied', bus: 'sent' });
    expect(await a.invalidateTags(['tag b'])).toMatchObject({ bus: 'sent' });
    expect(await a.invalidatePattern('c*')).toMatchObject({ bus: 'sent' });
    expect(['a', 'b', 'c', 'd'].map((key) => b.getLocal(key))).toEqual([
      undefined,
      undefined,
      undefined,
      'old',
    ]);
    expect(await a.clear()).toMatchObject({ bus: 'sent' });
    expect(b.getLocal('d')).toBeUndefined();
  });

  it('lose what they have at a gap, for nobody can prove it', async () => {
    const bus = referenceBus({ hub });
    await using cache = createCache<string>({ bus, clock });
    await clock.advanceAsync(4000);
    await cache.getOrSet('k', () => 'old');
    bus.cut();
    expect(await cache.get('k')).toBe('old');
    bus.restore();
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('a shared store of another medium', () => {
  it('has its changes published by the cache, once they are written', async () => {
    const open = () =>
      createCache<string>({
        bus: referenceBus({ hub }),
        stores: [referenceStore({ backend, scope: 'network', drops: false })],
        clock,
      });
    await using a = open();
    await using b = open();
    await clock.advanceAsync(4000);
    hub.forgetMessages();
    await b.getOrSet('k', () => 'old', { tags: ['x'] });
    await b.getOrSet('l', () => 'old', { tags: ['x'] });
    expect(await a.delete('k')).toMatchObject({ bus: 'sent' });
    expect([b.getLocal('k'), b.getLocal('l')]).toEqual([undefined, 'old']);
    expect(await a.invalidateTags(['x'])).toMatchObject({ bus: 'sent' });
    expect(b.getLocal('l')).toBeUndefined();
    expect(texts()).toEqual(['drop', 'bump']);
    await settle();
    expect(await b.get('l')).toBeUndefined();
  });
});
