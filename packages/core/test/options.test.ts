import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkNumber,
  checkOneOf,
  checkString,
  ConfigError,
} from '@perf/core';
import { describe, expect, test } from 'vitest';

describe('checkInteger', () => {
  test('gives back a whole number within the limits', () => {
    expect(checkInteger('size', 1)).toBe(1);
    expect(checkInteger('size', Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(checkInteger('size', -3, { min: -3 })).toBe(-3);
    expect(checkInteger('size', 7, { max: 7 })).toBe(7);
    expect(checkInteger('size', Infinity, { infinite: true })).toBe(Infinity);
  });

  test.each<unknown>([0, -1, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 53, '1', 1n, null, {}])(
    'refuses %s',
    (value) => {
      expect(() => checkInteger('size', value as number)).toThrow(ConfigError);
    },
  );

  test('names the option, the range and the value', () => {
    expect(() => checkInteger('memory.maxEntries', 1.5, { infinite: true })).toThrow(
      'memory.maxEntries must be a whole number of at least 1, or Infinity, got 1.5',
    );
    expect(() => checkInteger('level', 10, { min: 0, max: 9 })).toThrow(
      'level must be a whole number from 0 to 9, got 10',
    );
  });
});

describe('checkNumber', () => {
  test('gives back a number within the limits, both included', () => {
    expect(checkNumber('jitter', 0, 0, 1)).toBe(0);
    expect(checkNumber('jitter', 1, 0, 1)).toBe(1);
    expect(checkNumber('jitter', 0.3, 0, 1)).toBe(0.3);
  });

  test.each<unknown>([-0.1, 1.1, Number.NaN, Infinity, '0.5', null, 1n])('refuses %s', (value) => {
    expect(() => checkNumber('jitter', value as number, 0, 1)).toThrow(
      /^jitter must be a number from 0 to 1, got /,
    );
  });

  test('refuses Infinity even where the maximum is infinite', () => {
    expect(() => checkNumber('factor', Infinity, 0, Infinity)).toThrow(ConfigError);
  });
});

describe('checkOneOf', () => {
  test('gives back an allowed value and lists them for any other', () => {
    expect(checkOneOf('policy', 'lru', ['lru', 'lfu'])).toBe('lru');
    expect(() => checkOneOf<string>('policy', 'mru', ['lru', 'lfu'])).toThrow(
      `policy must be one of 'lru', 'lfu', got "mru"`,
    );
    expect(() => checkOneOf('policy', '__proto__', ['lru'] as string[])).toThrow(ConfigError);
  });
});

test('checkBoolean takes true and false only', () => {
  expect(checkBoolean('stats', false)).toBe(false);
  for (const value of [0, 1, 'true', null, undefined]) {
    expect(() => checkBoolean('stats', value as never)).toThrow('stats must be true or false');
  }
});

test('checkFunction takes functions only', () => {
  expect(checkFunction('load', Math.max)).toBe(Math.max);
  for (const value of [{}, 'load', null, undefined]) {
    expect(() => checkFunction('load', value as never)).toThrow('load must be a function');
  }
});

test('checkString takes strings that are not empty', () => {
  expect(checkString('name', 'users')).toBe('users');
  for (const value of ['', 5, null, undefined, ['a']]) {
    expect(() => checkString('name', value as string)).toThrow('name must be a string');
  }
});

describe('checkKnown', () => {
  test('lets known options pass, whatever their values', () => {
    for (const ttl of [undefined, 0, '', false, Number.NaN]) {
      expect(() => checkKnown('createCache', { ttl }, ['ttl'])).not.toThrow();
    }
    expect(() => checkKnown('createCache', {}, [])).not.toThrow();
  });

  test('refuses null, which is not the default', () => {
    expect(() => checkKnown('createCache', { name: 'a', ttl: null }, ['name', 'ttl'])).toThrow(
      'createCache.ttl must be a value, or undefined for its default, got null',
    );
  });

  test.each(['constructor', 'toString', 'loader'])(
    'refuses the option "%s" and lists those there are',
    (name) => {
      expect(() => checkKnown('createCache', { [name]: '5m' }, ['name', 'ttl'])).toThrow(
        `createCache.${name} must be absent: createCache has no such option (it has name, ttl), got "5m"`,
      );
    },
  );

  test('tells what a misspelt option was probably meant to be', () => {
    expect(() => checkKnown('createCache', { tll: '5m' }, ['name', 'ttl'])).toThrow(
      'createCache.tll must be absent: createCache has no such option (did you mean ttl?), got "5m"',
    );
  });

  test.each([[null], [[]], ['ttl'], [5]])(
    'refuses %j, which is no object of options',
    (options) => {
      expect(() => checkKnown('createCache', options as object, ['ttl'])).toThrow(
        'createCache must be an object of options',
      );
    },
  );
});
