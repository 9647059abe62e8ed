import { ConfigError } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, type TieredCacheOptions } from '../../src/index.ts';
import { Fleet, type Instance } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

const SLIDING: TieredCacheOptions<string> = { ttl: 10_000, slidingTtl: 1000 };

const worlds = [
  { name: 'memory alone', options: { ...SLIDING, stores: [] }, store: {} },
  { name: 'memory and a store', options: SLIDING, store: {} },
  { name: 'a store alone', options: { ...SLIDING, memory: false as const }, store: {} },
  {
    name: 'a store that cannot tell how long it keeps entries',
    options: { ...SLIDING, memory: false as const },
    store: { remaining: false },
  },
];

/** Lets the touches of this turn go out. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  await settle();
}

describe.each(worlds)('with slidingTtl, in $name, an entry', ({ options, store }) => {
  const join = (): Instance<string> => fleet.join(options, store);

  it('is gone when it was not read for that long', async () => {
    const { cache } = join();
    await cache.set('k', 'v');
    fleet.clock.advance(999);
    expect(await cache.get('k')).toBe('v');
    await turn();
    fleet.clock.advance(1000);
    expect(await cache.getResult('k')).toMatchObject({ state: 'miss' });
  });

  it('lives on while it is read, but not beyond its ttl', async () => {
    const { cache } = join();
    await cache.set('k', 'v');
    for (let time = 0; time < 9600; time += 600) {
      expect(await cache.get('k')).toBe('v');
      await turn();
      fleet.clock.advance(600);
    }
    fleet.clock.advance(399);
    expect(await cache.get('k')).toBe('v');
    await turn();
    fleet.clock.advance(1);
    expect(await cache.getResult('k')).toMatchObject({ state: 'miss' });
  });
});

describe('with slidingTtl', () => {
  it('hits in memory keep the entry alive in the store, for other instances too', async () => {
    const { cache } = fleet.join(SLIDING);
    await cache.set('k', 'v');
    for (let time = 0; time < 5000; time += 600) {
      fleet.clock.advance(600);
      expect(await cache.getOrSet('k', () => 'not this')).toBe('v');
      await turn();
    }
    expect(await fleet.join(SLIDING).cache.get('k')).toBe('v');
  });

  it('a store is told at most once per half period and key, the keys of a turn together', async () => {
    const { cache, store } = fleet.join(SLIDING);
    await cache.setMany(Object.entries({ a: '1', b: '2' }));
    store.forgetCalls();
    for (let time = 0; time < 499; time += 100) {
      await cache.getMany(['a', 'b']);
      await turn();
      fleet.clock.advance(time + 100 < 499 ? 100 : 99);
    }
    expect(store.callsOf('touchMany')).toEqual([]);
    fleet.clock.advance(1);
    for (let round = 0; round < 3; round++) {
      expect([cache.getLocal('a'), await cache.get('b')]).toEqual(['1', '2']);
      await cache.getOrSet('a', () => 'not this');
    }
    await turn();
    expect(store.callsOf('touchMany').map(({ keys }) => keys)).toEqual([['a', 'b']]);
  });

  it('several readers of a store alone touch a key once per half period', async () => {
    const options = { ...SLIDING, memory: false as const };
    const { cache, store } = fleet.join(options, { remaining: false });
    await cache.set('k', 'v');
    for (let round = 0; round < 5; round++) {
      await cache.get('k');
      await turn();
    }
    expect(store.callsOf('touchMany')).toHaveLength(1);
    fleet.clock.advance(500);
    await cache.get('k');
    await turn();
    expect(store.callsOf('touchMany')).toHaveLength(2);
  });

  it('a store is told no lifetime beyond the ttl, and not again once that is told', async () => {
    const { cache, store } = fleet.join({ ttl: 1500, slidingTtl: 1000 });
    await cache.set('k', 'v');
    fleet.clock.advance(900);
    await cache.get('k');
    await turn();
    expect(store.callsOf('touchMany')).toHaveLength(1);
    fleet.clock.advance(550);
    expect(await cache.get('k')).toBe('v');
    await turn();
    expect(store.callsOf('touchMany')).toHaveLength(1);
    expect(await fleet.join({ ttl: 1500, slidingTtl: 1000 }).cache.get('k')).toBe('v');
    fleet.clock.advance(50);
    expect(await fleet.join({ ttl: 1500, slidingTtl: 1000 }).cache.get('k')).toBeUndefined();
  });

  it('a touch that fails is an event, and the value is served', async () => {
    const { cache, store, errors } = fleet.join(SLIDING);
    await cache.set('k', 'v');
    fleet.clock.advance(600);
    store.fail('touchMany', new Error('down'));
    expect(await cache.get('k')).toBe('v');
    await turn();
    expect(errors).toMatchObject([{ operation: 'touchMany', store: 'reference' }]);
  });

  it('a store that cannot be touched keeps entries for their ttl', async () => {
    const { cache, store } = fleet.join(SLIDING, { touch: false });
    await cache.set('k', 'v');
    fleet.clock.advance(9999);
    expect(await cache.get('k')).toBe('v');
    await turn();
    expect(store.callsOf('touchMany')).toEqual([]);
    fleet.clock.advance(1);
    expect(await cache.get('k')).toBeUndefined();
  });

  it('what was deleted stays deleted, though a touch of it is on its way', async () => {
    const { cache, store } = fleet.join(SLIDING);
    await cache.set('k', 'v');
    fleet.clock.advance(600);
    const hold = store.hold({ operation: 'touchMany', times: 1, overtaken: true });
    await cache.get('k');
    await hold.reached();
    await cache.delete('k');
    hold.release();
    await settle();
    expect(await fleet.join(SLIDING).cache.get('k')).toBeUndefined();
  });

  it('close waits for a touch under way', async () => {
    const { cache, store } = fleet.join(SLIDING);
    await cache.set('k', 'v');
    fleet.clock.advance(600);
    const hold = store.hold({ operation: 'touchMany', times: 1 });
    await cache.get('k');
    await hold.reached();
    let closed = false;
    const closing = cache.close().then(() => {
      closed = true;
    });
    await settle();
    expect(closed).toBe(false);
    hold.release();
    await closing;
  });
});

it.each([0, -1, '5 potatoes'])('slidingTtl %s is refused', (slidingTtl) => {
  expect(() => createCache({ slidingTtl: slidingTtl as number })).toThrow(ConfigError);
});
