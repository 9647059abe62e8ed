import { channel } from 'node:diagnostics_channel';
import { ConfigError } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TieredCacheEvents } from '../../src/index.ts';
import { Fleet, type Instance } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

type Name = keyof TieredCacheEvents;

function listen({ cache }: Instance<string>, name: Name): unknown[] {
  const heard: unknown[] = [];
  cache.on(name, (event) => heard.push(event));
  return heard;
}

describe('the events of a cache', () => {
  it('are known by name: another is refused, with those that there are', () => {
    const { cache } = fleet.join({});
    expect(() => cache.on('errors' as never, () => {})).toThrow(
      "event must be one of 'error', 'load', 'store', 'invalidate', 'overflow', got \"errors\"",
    );
  });

  it('tell of each load how it ended and how long it took, its wait included', async () => {
    const instance = fleet.join({ name: 'mine', loadTimeout: { hard: 500 } });
    const { cache } = instance;
    const loads = listen(instance, 'load');
    await cache.getOrSet('good', () => 'v');
    const fail = (): never => {
      throw new Error('no');
    };
    await cache.getOrSet('bad', fail).catch(() => undefined);
    const slow = cache.getOrSet('slow', () => new Promise(() => undefined)).catch(() => undefined);
    await fleet.clock.advanceAsync(500);
    await slow;
    expect(loads).toEqual([
      { cache: 'mine', key: 'good', duration: 0, outcome: 'loaded' },
      { cache: 'mine', key: 'bad', duration: 0, outcome: 'failed' },
      { cache: 'mine', key: 'slow', duration: 500, outcome: 'timeout' },
    ]);
  });

  it('are refused by a name that there is not, and the names that there are are told', () => {
    const { cache } = fleet.join();
    const typo = 'eror' as 'error';
    expect(() => cache.on(typo, () => undefined)).toThrow(ConfigError);
    expect(() => cache.on(typo, () => undefined)).toThrow(
      "event must be one of 'error', 'load', 'store', 'invalidate', 'overflow', got \"eror\"",
    );
  });

  it('tell, and count, that there were more patterns than are remembered, which empties the cache', async () => {
    const [instance, other] = [fleet.join({ name: 'mine' }), fleet.join({ name: 'other' })];
    const overflows = listen(instance, 'overflow');
    const others = listen(other, 'overflow');
    await instance.cache.set('page', 'v');
    const pattern = async (n: number) => {
      await fleet.clock.advanceAsync(1);
      await instance.cache.invalidatePattern(`user:${n}:*`);
    };
    await pattern(1);
    const first = fleet.clock.epoch();
    for (let n = 2; n <= 64; n++) await pattern(n);
    for (const { cache } of [instance, other]) expect(await cache.get('page')).toBe('v');
    expect(overflows).toEqual([]);
    expect(instance.cache.stats().overflows).toBe(0);
    await pattern(65);
    // The older half of them, the 33rd last.
    expect(overflows).toEqual([{ cache: 'mine', kind: 'pattern', before: first + 32 }]);
    expect(instance.cache.stats().overflows).toBe(1);
    expect(await instance.cache.get('page')).toBeUndefined();
    await fleet.clock.advanceAsync(1000);
    expect(await other.cache.get('page')).toBeUndefined();
    expect(others).toMatchObject([{ cache: 'other', kind: 'pattern' }]);
  });

  it('tell when a store stops answering and when it is back', async () => {
    const instance = fleet.join();
    const states = listen(instance, 'store');
    instance.store.fail('getMany', new Error('down'));
    await instance.cache.get('k');
    await fleet.clock.advanceAsync(2000);
    expect(states).toMatchObject([
      { store: 'reference', available: false },
      { store: 'reference', available: true },
    ]);
  });

  it('tell what this instance has invalidated', async () => {
    const instance = fleet.join();
    const { cache } = instance;
    const heard = listen(instance, 'invalidate');
    await cache.deleteMany(['a', 'b']);
    await cache.invalidateTags(['t', 'u', 'v']);
    await cache.invalidatePattern('x*');
    await cache.clear();
    expect(heard).toMatchObject([
      { kind: 'key', count: 2 },
      { kind: 'tag', count: 3 },
      { kind: 'pattern', count: 1 },
      { kind: 'all', count: 1 },
    ]);
  });

  it('reach a listener until it is taken off, and one that throws disturbs nobody', async () => {
    const { cache } = fleet.join();
    const warned: Error[] = [];
    const onWarning = (warning: Error): void => {
      warned.push(warning);
    };
    process.on('warning', onWarning);
    let heard = 0;
    cache.on('load', () => {
      throw new Error('listener');
    });
    const off = cache.on('load', () => heard++);
    expect(await cache.getOrSet('a', () => 'v')).toBe('v');
    off();
    expect(await cache.getOrSet('b', () => 'v')).toBe('v');
    await settle();
    process.off('warning', onWarning);
    expect(heard).toBe(1);
    expect(warned[0]?.name).toBe('PerfListenerError');
  });

  it('go out on diagnostics channels as well', async () => {
    const instance = fleet.join();
    const heard: unknown[] = [];
    const names = ['load', 'error', 'store', 'invalidate'].map((name) => `perf:cache:${name}`);
    const listener = (message: unknown, name: string | symbol): void => {
      heard.push([name, message]);
    };
    for (const name of names) channel(name).subscribe(listener);
    await instance.cache.getOrSet('k', () => 'v');
    await instance.cache.delete('k');
    instance.store.fail('getMany', new Error('down'));
    await instance.cache.get('k');
    for (const name of names) channel(name).unsubscribe(listener);
    await instance.cache.getOrSet('l', () => 'v');
    expect(heard.map((one) => (one as [string])[0])).toEqual([
      'perf:cache:load',
      'perf:cache:invalidate',
      'perf:cache:error',
      'perf:cache:store',
    ]);
  });
});
