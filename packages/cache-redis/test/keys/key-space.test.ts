import { describe, expect, it } from 'vitest';
import { channelOf, KeySpace } from '../../src/keys/key-space.ts';

describe('KeySpace', () => {
  const space = new KeySpace('users');

  it('puts a value and its ticket under one hash tag, and the ledger under its own', () => {
    expect(space.valueOf('a')).toBe('{users:a}');
    expect(space.ticketOf('a')).toBe('{users:a}:t');
    expect(space.ledger).toBe('{users}:ledger');
  });

  it.each(['a', '', '}', '{}', 'a}:t', ':t', '}:ledger', '\n\0*', 'x'.repeat(2 ** 20)])(
    'gives the key %# back from its value, and nothing from its ticket',
    (key) => {
      expect(space.keyOf(space.valueOf(key))).toBe(key);
      expect(space.keyOf(space.ticketOf(key))).toBeUndefined();
    },
  );

  it('knows no key of another prefix, nor the ledger', () => {
    for (const other of ['user', 'users2', 'users:x', 'users.']) {
      expect(space.keyOf(new KeySpace(other).valueOf('a'))).toBeUndefined();
    }
    expect(space.keyOf(space.ledger)).toBeUndefined();
  });

  it('tells prefixes apart that differ in where they end', () => {
    const names = [
      new KeySpace('a').valueOf('b:c'),
      new KeySpace('a:b').valueOf('c'),
      new KeySpace('a%3Ab').valueOf('c'),
      new KeySpace('a').valueOf('b%3Ac'),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it('takes what is special in patterns literally', () => {
    expect(new KeySpace('a*[b]?').matching('\\c*')).toBe('{a\\*\\[b\\]\\?:\\\\c\\**');
  });

  it.each(['', 'a{b', 'a}b', 'a b', 'a\nb', 'x'.repeat(101), 7, null])(
    'refuses the prefix %j by name',
    (prefix) => {
      expect(() => new KeySpace(prefix as string)).toThrow(/^prefix must be/);
    },
  );
});

describe('channelOf', () => {
  it('is another one for each prefix and each database', () => {
    expect(channelOf('users', 0)).toBe('{users}:bus');
    expect(channelOf('users', 3)).toBe('{users}:bus:3');
    expect(channelOf('a:b', 0)).toBe('{a%3Ab}:bus');
  });
});
