import { ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import {
  compilePattern,
  escapePattern,
  MAX_PATTERN_LENGTH,
} from '../../src/invalidation/pattern.ts';

function matches(pattern: string, key: string): boolean {
  return compilePattern(pattern).matches(key);
}

describe('what a pattern matches', () => {
  it.each([
    ['user:7', 'user:7', true],
    ['user:7', 'user:77', false],
    ['user:7', 'auser:7', false],
    ['*', 'anything', true],
    ['**', 'x', true],
    ['user:*', 'user:', true],
    ['user:*', 'users:1', false],
    ['*:profile', 'user:1:profile', true],
    ['*:profile', 'user:1:profiles', false],
    ['user:*:profile', 'user:1:profile', true],
    ['user:*:profile', 'user:profile', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*c', 'a-c-b', false],
    ['a*b*c', 'a-b-c', true],
    ['*aab*', 'aaab', true],
    ['*aabaaaa*', 'aabaaabaaaa', true],
    ['*abab?c*', '-ababab!c-', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '', false],
    ['??*', 'a', false],
    ['*??', 'ab', true],
    ['*a?b*', 'xaab', true],
    ['*a?*b?c*', 'a1b2c', true],
    ['*a?*b?c*', 'ab2c', false],
  ])('%j on %j: %j', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected);
  });

  it('a question mark stands for one code point, also at both ends and in the middle', () => {
    expect(matches('?', '😀')).toBe(true);
    expect(matches('??', '😀')).toBe(false);
    expect(matches('a?b', 'a😀b')).toBe(true);
    expect(matches('*a?b*', '-a😀b-')).toBe(true);
    expect(matches('*a??b*', '-a😀b-')).toBe(false);
    expect(matches('*?b', '😀b')).toBe(true);
    expect(matches('*??b', '😀b')).toBe(false);
  });

  it('a star crosses line ends, NUL and path separators', () => {
    expect(matches('a*z', 'a\n\0../\r\u2028z')).toBe(true);
    expect(matches('a?z', 'a\nz')).toBe(true);
  });

  it('characters that are special elsewhere stand for themselves', () => {
    expect(matches('[ab]+.$(x)|', '[ab]+.$(x)|')).toBe(true);
    expect(matches('[ab]', 'a')).toBe(false);
    expect(matches('a.c', 'abc')).toBe(false);
  });

  it('a backslash takes the next character literally, whatever it is', () => {
    expect(matches(String.raw`a\*`, 'a*')).toBe(true);
    expect(matches(String.raw`a\*`, 'ab')).toBe(false);
    expect(matches(String.raw`a\?`, 'ab')).toBe(false);
    expect(matches(String.raw`\\*`, String.raw`\x`)).toBe(true);
    expect(matches(String.raw`\n`, 'n')).toBe(true);
    expect(matches('\\😀*', '😀!')).toBe(true);
  });

  it('an escaped text matches itself and nothing else', () => {
    const text = String.raw`*a?b\c**😀`;
    expect(matches(escapePattern(text), text)).toBe(true);
    expect(compilePattern(escapePattern(text)).prefix).toBe(text);
    expect(matches(escapePattern('a*'), 'ab')).toBe(false);
  });

  it('runs longer than a machine word match across words', () => {
    const run = `${'ab?'.repeat(40)}z`;
    expect(matches(`*${run}*`, `-${'ab-'.repeat(40)}z-`)).toBe(true);
    expect(matches(`*${run}*`, `-${'ab-'.repeat(39)}z-`)).toBe(false);
    expect(matches(`*${'?'.repeat(32)}*`, 'x'.repeat(32))).toBe(true);
    expect(matches(`*${'?'.repeat(33)}*`, 'x'.repeat(32))).toBe(false);
  });
});

describe('the prefix', () => {
  it.each([
    ['user:*:x', 'user:'],
    ['user:?', 'user:'],
    ['user', 'user'],
    ['*', ''],
    [String.raw`a\*b*`, 'a*b'],
    ['😀é*', '😀é'],
  ])('of %j is %j', (pattern, prefix) => {
    expect(compilePattern(pattern).prefix).toBe(prefix);
    expect(compilePattern(pattern).source).toBe(pattern);
  });
});

describe('what is refused', () => {
  it.each([
    ['an empty pattern', ''],
    ['a pattern beyond the bound', 'a'.repeat(MAX_PATTERN_LENGTH + 1)],
    ['a lone surrogate', 'a\ud83d*'],
    ['an escape of nothing', 'a\\'],
    ['something that is not a string', 7 as unknown as string],
  ])('%s', (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(ConfigError);
  });

  it('a pattern at the bound is taken', () => {
    expect(matches('*'.repeat(MAX_PATTERN_LENGTH), 'x')).toBe(true);
  });
});

// With a matcher that is quadratic or worse these run into the time limit.
describe('a long key takes linear time', () => {
  const long = 'a'.repeat(8 << 20);
  const shorter = long.slice(0, 2 << 20);

  it.each([
    ['a literal run that nearly matches everywhere', long, `*b${'a'.repeat(1020)}*`],
    ['a literal run that fails at its end', long, `*${'a'.repeat(1020)}b*`],
    ['a run with a question mark', shorter, `*${'a'.repeat(500)}?${'a'.repeat(500)}b*`],
    ['as many stars as there is room for', shorter, `${'*a'.repeat(510)}*b*a`],
    ['as many stars and question marks as there is room for', shorter, `${'*a?'.repeat(340)}b*`],
  ])(
    '%s',
    (_, key, pattern) => {
      expect(matches(pattern, key)).toBe(false);
    },
    15_000,
  );
});
