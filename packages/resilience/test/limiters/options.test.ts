import { ConfigError } from '@perf/core';
import { describe, expect, test } from 'vitest';
import { slidingWindow } from '../../src/limiters/sliding-window.ts';
import { tokenBucket } from '../../src/limiters/token-bucket.ts';

const NO_NUMBERS = [0, -1, Number.NaN, Infinity, -Infinity, '5', null];

const BUCKETS: readonly (readonly [option: string, values: readonly unknown[]])[] = [
  ['rate', [...NO_NUMBERS, 1e8, undefined]],
  ['per', [0, -1, Number.NaN, Infinity, '1y', 0.5]],
  ['burst', [...NO_NUMBERS, 0.5, 1e10]],
  ['name', ['', 5]],
  ['maxKeys', [0, 1.5, Infinity, 2 ** 25]],
  ['maxQueue', [-1, 1.5, Infinity]],
  ['timeout', [-1, Number.NaN, 'soon']],
  ['precise', [1, 'yes']],
  ['brust', [5]],
];
const WINDOWS: readonly (readonly [option: string, values: readonly unknown[]])[] = [
  ['limit', [...NO_NUMBERS, 0.5, undefined]],
  ['window', [0, -1, Number.NaN, Infinity, '1y', undefined]],
  ['precision', [0, -1, 1.5, 1001, Infinity]],
  ['rate', [5]],
];

function refused(create: () => unknown): ConfigError {
  try {
    create();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('options of limiters', () => {
  test.each(BUCKETS)('tokenBucket refuses a bad %s by its name', (option, values) => {
    for (const value of values) {
      const options = { rate: 10, [option]: value };
      expect(refused(() => tokenBucket(options as never)).option).toMatch(
        new RegExp(String.raw`(^|\.)${option}$`),
      );
    }
  });

  test.each(WINDOWS)('slidingWindow refuses a bad %s by its name', (option, values) => {
    for (const value of values) {
      const options = { limit: 10, window: '1s', [option]: value };
      expect(refused(() => slidingWindow(options as never)).option).toMatch(
        new RegExp(String.raw`(^|\.)${option}$`),
      );
    }
  });

  test('a bucket holds what comes back in a period unless it is told otherwise', () => {
    expect(tokenBucket({ rate: 20 }).check().limit).toBe(20);
    expect(tokenBucket({ rate: 0.1 }).check().limit).toBe(1);
    expect(tokenBucket({ rate: 60, per: '1m', burst: 5 }).check().limit).toBe(5);
  });

  test('tryTake throws for a cost that makes no sense, and takes nothing', () => {
    for (const limiter of [tokenBucket({ rate: 10 }), slidingWindow({ limit: 10, window: '1s' })]) {
      for (const cost of [Number.NaN, -1]) {
        expect(() => limiter.tryTake('k', cost)).toThrow(ConfigError);
      }
      expect(limiter.check('k').remaining).toBe(10);
    }
  });
});
