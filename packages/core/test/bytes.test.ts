import { ConfigError, toBytes, type ByteSize } from '@perf/core';
import { describe, expect, test } from 'vitest';

describe('a well-formed size', () => {
  test.each<[ByteSize, number]>([
    [1, 1],
    [65_536, 65_536],
    ['512b', 512],
    ['64kb', 65_536],
    ['1.5mb', 1_572_864],
    ['2gb', 2_147_483_648],
    ['1.1kb', 1126],
    ['1.9b', 1],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('%j is %d bytes', (value, expected) => {
    expect(toBytes('maxBytes', value)).toBe(expected);
  });
});

describe('a malformed size is refused', () => {
  test.each<unknown>([
    '5 potatoes',
    '',
    'kb',
    '64',
    '64 kb',
    '64KB',
    '64k',
    '64kib',
    '1tb',
    '-1kb',
    '1e3kb',
    '1kb\n',
    `${'9'.repeat(1_000_000)}kb`,
    Number.NaN,
    -1,
    0,
    0.5,
    1.5,
    Infinity,
    -Infinity,
    Number.MAX_SAFE_INTEGER + 1,
    '0b',
    '0.5b',
    '999999999999999gb',
    5n,
    null,
    undefined,
    {},
    [5],
  ])('%s', (value) => {
    expect(() => toBytes('maxBytes', value as ByteSize)).toThrow(ConfigError);
  });
});

describe('limits', () => {
  test('hold at both ends', () => {
    const limits = { min: 10, max: 1024 };
    expect(toBytes('size', 10, limits)).toBe(10);
    expect(toBytes('size', '1kb', limits)).toBe(1024);
    expect(() => toBytes('size', 9, limits)).toThrow(ConfigError);
    expect(() => toBytes('size', 1025, limits)).toThrow(ConfigError);
  });

  test('zero and Infinity are taken where they are allowed', () => {
    expect(toBytes('size', 0, { min: 0 })).toBe(0);
    expect(toBytes('size', Infinity, { infinite: true, max: 10 })).toBe(Infinity);
  });
});

test('the error names the option, the value and what is allowed', () => {
  expect(() => toBytes('memory.maxBytes', -5, { max: 99 })).toThrow(
    `memory.maxBytes must be a size of at least 1 and at most 99 whole bytes, as a number or with a unit (b, kb, mb, gb), such as '64b', got -5`,
  );
});
