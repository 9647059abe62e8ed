import { ConfigError } from '@perf/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, InvalidKeyError, type TieredCache } from '../../src/index.ts';
import { controllableStore, referenceStore } from '../../src/testing.ts';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
let cache: TieredCache<unknown>;
beforeEach(() => {
  fleet = new Fleet();
  ({ cache } = fleet.join<unknown>());
});
afterEach(() => fleet.close());

/** As from JavaScript: nothing checks it before the call. */
const unchecked = (value: unknown): never => value as never;
const load = (): string => 'loaded';

describe('what is no object of options is refused', () => {
  it.each([5000, 0, null, true, '5 potatoes', { hrd: 1 }])('as part of the cache: %o', (value) => {
    for (const option of ['loadTimeout', 'isolated', 'memory']) {
      expect(() => createCache({ [option]: unchecked(value) }), option).toThrow(ConfigError);
    }
  });

  it.each([5000, null, '5 potatoes', { tll: 5 }])('in a call: %o', async (value) => {
    const options = unchecked(value);
    await expect(cache.set('k', 1, options)).rejects.toThrow(ConfigError);
    await expect(cache.getOrSet('k', load, options)).rejects.toThrow(ConfigError);
    await expect(cache.invalidateTags(['t'], options)).rejects.toThrow(ConfigError);
    await expect(cache.writeThrough('k', async () => 1, options)).rejects.toThrow(ConfigError);
    await expect(cache.getOrSetMany(['k'], () => new Map(), options)).rejects.toThrow(ConfigError);
    await expect(cache.setMany([['k', 1]], options)).rejects.toThrow(ConfigError);
    await expect(cache.warm(['k'], options)).rejects.toThrow(ConfigError);
  });

  it.each(['load', 'ttl', 'tags', 'concurrency', 'onProgress', 'signal'])(
    'null is no %s of warming, by name',
    async (name) => {
      const warming = cache.warm(['k'], unchecked({ load, [name]: null }));
      await expect(warming).rejects.toMatchObject({ option: `options.${name}` });
    },
  );
});

describe('what is no list is refused', () => {
  it.each(['st', 5, null, undefined, {}])('%o', async (value) => {
    const list = unchecked(value);
    await expect(cache.getMany(list)).rejects.toThrow(ConfigError);
    await expect(cache.deleteMany(list)).rejects.toThrow(ConfigError);
    await expect(cache.setMany(list)).rejects.toThrow(ConfigError);
    await expect(cache.getOrSetMany(list, () => new Map())).rejects.toThrow(ConfigError);
  });

  it('neither are keys in it that are none', async () => {
    await expect(cache.getMany(['a', ''])).rejects.toThrow(InvalidKeyError);
    await expect(cache.setMany([unchecked(['a'])])).rejects.toThrow(ConfigError);
  });
});

it('what is no function is refused', async () => {
  await expect(cache.getOrSet('k', unchecked('value'))).rejects.toThrow(ConfigError);
  await expect(cache.getOrSetMany(['k'], unchecked(5))).rejects.toThrow(ConfigError);
  await expect(cache.invalidateWhere(unchecked('k'))).rejects.toThrow(ConfigError);
  await expect(cache.writeThrough('k', unchecked(1))).rejects.toThrow(ConfigError);
});

it('undefined is no value: it could not be told from a miss', async () => {
  await expect(cache.set('k', undefined)).rejects.toThrow(ConfigError);
});

it('a bulk loader that returns no Map is told so', async () => {
  await expect(
    cache.getOrSetMany(
      ['k'],
      unchecked(() => ['v']),
    ),
  ).rejects.toThrow('a Map');
});

it.each([undefined, null, [], [null], [{}], [{ bytes: 'x' }], 5])(
  'a store that answers %o is in trouble, and its callers get the loaded value',
  async (answer) => {
    const inner = referenceStore({ backend: fleet.backend });
    const store = new Proxy(inner, {
      get(target, name): unknown {
        if (name === 'getMany') return async () => answer;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const own = fleet.own({ stores: [store] }, controllableStore(inner));
    expect(await own.cache.getOrSet('k', load)).toBe('loaded');
    expect(own.errors[0]).toMatchObject({ operation: 'getMany' });
  },
);

it('one signal serves any number of calls without a warning', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const { signal } = new AbortController();
  const calls = Array.from({ length: 50 }, (_, n) => cache.getOrSet(`k${n}`, load, { signal }));
  await Promise.all(calls);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
