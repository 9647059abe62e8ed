import { ConfigError, toMilliseconds, type Duration } from '@perf/core';
import { describe, expect, test } from 'vitest';

describe('a well-formed duration', () => {
  test.each<[Duration, number]>([
    [1, 1],
    [90_000, 90_000],
    ['250ms', 250],
    ['1s', 1000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0.001s', 1],
    ['1.001s', 1001],
    ['0.29s', 290],
    ['4.35s', 4350],
    ['999999999999999ms', 999_999_999_999_999],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('%j is %d ms', (value, expected) => {
    expect(toMilliseconds('ttl', value)).toBe(expected);
  });
});

describe('a malformed duration is refused', () => {
  test.each<unknown>([
    '5 potatoes',
    '5potatoes',
    '',
    'm',
    '5',
    '5 m',
    ' 5m',
    '5m ',
    '5M',
    '+5m',
    '-5m',
    '1e3ms',
    '0x10ms',
    '.5s',
    '5.s',
    '1,5s',
    '5m\n',
    '٥m',
    `${'9'.repeat(1_000_000)}ms`,
    Number.NaN,
    -1,
    0,
    0.5,
    1.5,
    Infinity,
    -Infinity,
    Number.MAX_SAFE_INTEGER + 1,
    '0ms',
    '0.5ms',
    '1.0005s',
    '999999999999999d',
    5n,
    null,
    undefined,
    true,
    {},
    [5],
    new Date(),
    Symbol('5m'),
  ])('%s', (value) => {
    expect(() => toMilliseconds('ttl', value as Duration)).toThrow(ConfigError);
  });
});

describe('limits', () => {
  test('hold at both ends', () => {
    const limits = { min: 10, max: 1000 };
    expect(toMilliseconds('ttl', 10, limits)).toBe(10);
    expect(toMilliseconds('ttl', '1s', limits)).toBe(1000);
    expect(() => toMilliseconds('ttl', 9, limits)).toThrow(ConfigError);
    expect(() => toMilliseconds('ttl', '1.001s', limits)).toThrow(ConfigError);
  });

  test('zero is taken where the minimum is zero', () => {
    expect(toMilliseconds('delay', 0, { min: 0 })).toBe(0);
    expect(toMilliseconds('delay', '0s', { min: 0 })).toBe(0);
    expect(() => toMilliseconds('delay', -1, { min: 0 })).toThrow(ConfigError);
  });

  test('Infinity is taken where it is allowed, whatever the maximum', () => {
    expect(toMilliseconds('ttl', Infinity, { infinite: true })).toBe(Infinity);
    expect(toMilliseconds('ttl', Infinity, { infinite: true, max: 10 })).toBe(Infinity);
    expect(() => toMilliseconds('ttl', -Infinity, { infinite: true })).toThrow(ConfigError);
  });
});

test('the error names the option, the value and what is allowed', () => {
  expect(() =>
    toMilliseconds('memory.ttl', '5 potatoes' as Duration, { max: 99, infinite: true }),
  ).toThrow(
    `memory.ttl must be a duration of at least 1 and at most 99 whole milliseconds, as a number or with a unit (ms, s, m, h, d), such as '50ms' or '5ms', or Infinity, got "5 potatoes"`,
  );
});

test.each([
  [{}, `such as 500 or '5m', got`],
  [{ max: 10_000 }, `such as 500 or '2s', got`],
  [{ min: 200_000_000 }, 'such as 200000000, got'],
  [{ max: 4 }, 'such as 1, got'],
])('the examples lie within %j', (limits, text) => {
  expect(() => toMilliseconds('wait', 'soon' as Duration, limits)).toThrow(text);
});
