import { describe, expect, it } from 'vitest';
import { hashKey } from '../../src/codec/key-hash.ts';

describe('hashKey', () => {
  it('is the same in every process and version', () => {
    expect(hashKey('k')).toEqual({ low: 2_300_797_319, high: 4_241_742_005 });
    expect(hashKey('user:1')).toEqual({ low: 3_739_931_402, high: 307_560_221 });
  });

  it.each<[string, (index: number) => string]>([
    ['numbered', (index) => `user:${index}`],
    ['padded', (index) => String(index).padStart(40, '0')],
    ['made of one unit', (index) => '\0'.repeat(index % 1000) + String(Math.floor(index / 1000))],
    ['of two units', (index) => String.fromCodePoint(index & 0x3ff, 32 + (index >> 10))],
    ['alike at both ends', (index) => `${'a'.repeat(50)}${index.toString(2)}${'b'.repeat(30)}`],
  ])('keeps keys apart that are %s', (_, keyOf) => {
    const count = 100_000;
    const hashes = new Set<string>();
    const lows = new Set<number>();
    for (let index = 0; index < count; index++) {
      const { low, high } = hashKey(keyOf(index));
      hashes.add(`${low}:${high}`);
      lows.add(low);
    }
    expect(hashes.size).toBe(count);
    // Of 100,000 random words 1.2 pairs are expected to be equal.
    expect(count - lows.size).toBeLessThan(12);
  });
});
