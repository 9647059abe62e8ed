import { createHash } from 'node:crypto';
import { seededRandom } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { hashKey, mix } from '../../src/eviction/key-hash.ts';

const COUNT = 100_000;

/** Not a number, of other bits than `NaN`: what `0 / 0` is on some processors. */
function otherNaN(): number {
  return new Float64Array(new Uint32Array([1, 0xfff8_0000]).buffer)[0] as number;
}

function uuid(i: number): string {
  const hex = createHash('md5').update(String(i)).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

const KEYS: readonly (readonly [string, (i: number) => unknown])[] = [
  ['sequential numbers', (i) => i],
  ['multiples of 4096', (i) => i * 4096],
  ['negative numbers', (i) => -i],
  ['fractions', (i) => i / 7],
  ['numbers above 2 ** 53', (i) => 2 ** 53 + 2 * i],
  ['sequential bigints', BigInt],
  ['bigints that differ above 32 bits', (i) => BigInt(i) << 32n],
  ['numbers as strings', String],
  ['ids with a prefix', (i) => `user:${i}`],
  ['ids with prefix and suffix', (i) => `tenant:7:user:${i}:profile`],
  ['padded ids', (i) => String(i).padStart(12, '0')],
  ['UUIDs', uuid],
  ['paths', (i) => `/api/v1/products/${i % 317}/reviews?page=${Math.floor(i / 317)}`],
  ['one character', (i) => String.fromCharCode(i & 0xffff) + (i >> 16 || '')],
  ['long strings that differ at the end', (i) => 'x'.repeat(300) + i],
  ['long strings that differ at the start', (i) => `${i}${'x'.repeat(300)}`],
];

describe.each(KEYS)('%s', (_name, keyOf) => {
  const keys = Array.from({ length: COUNT }, (_, i) => keyOf(i));

  test('are spread evenly over any bits of the hash, and hardly collide', () => {
    const hashes = keys.map((key) => hashKey(key, 1) as number);
    // Of 100,000 random words 1.2 pairs are equal; of the keys some may be equal (-0 and 0).
    expect(new Set(hashes).size).toBeGreaterThan(new Set(keys).size - 12);
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Uint32Array(256);
      for (const hash of hashes) {
        const byte = (hash >>> shift) & 255;
        counts[byte] = (counts[byte] as number) + 1;
      }
      const mean = COUNT / 256;
      const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      // 255 degrees of freedom: more than 383 has a chance below 1e-6.
      expect(chiSquare).toBeLessThan(383);
    }
  });

  test('have other hashes with another seed', () => {
    const other = keys.filter((key) => hashKey(key, 1) !== hashKey(key, 2));
    expect(other.length).toBeGreaterThan(COUNT - 12);
  });
});

test('strings of any length have hashes of their own, to the last character', () => {
  const hashes = new Set<number | undefined>();
  for (let length = 0; length < 300; length++) hashes.add(hashKey('a'.repeat(length), 1));
  expect(hashes.size).toBe(300);
  for (const length of [...Array.from({ length: 96 }, (_, i) => i + 1), 255, 256, 511, 512]) {
    for (let at = 0; at < length; at++) {
      const text = 'a'.repeat(length);
      const other = `${text.slice(0, at)}b${text.slice(at + 1)}`;
      expect(hashKey(other, 1)).not.toBe(hashKey(text, 1));
    }
  }
});

test('of a long string, the ends and characters from all over the middle count', () => {
  const text = 'a'.repeat(1000);
  const seen = Array.from({ length: 1000 }, (_, at) => {
    const other = `${text.slice(0, at)}b${text.slice(at + 1)}`;
    return hashKey(other, 1) !== hashKey(text, 1);
  });
  expect(seen.slice(0, 128).every(Boolean)).toBe(true);
  expect(seen.slice(-128).every(Boolean)).toBe(true);
  for (let at = 128; at < 872; at += 3) expect(seen.slice(at, at + 3)).toContain(true);
});

test('strings of hundreds of characters that differ by an id in the middle have hashes of their own', () => {
  const hashes = (around: string): Set<unknown> =>
    new Set(
      Array.from({ length: 10_000 }, (_, i) =>
        hashKey(`${around}${String(i).padStart(8, '0')}${around}`, 1),
      ),
    );
  expect(hashes('x'.repeat(100)).size).toBeGreaterThan(9990);
  expect(hashes('x'.repeat(250)).size).toBeGreaterThan(9990);
  // Of such a long one, each third or fourth character counts.
  expect(hashes('x'.repeat(600)).size).toBeGreaterThanOrEqual(100);
});

test('no two strings that differ in the highest bits of two characters collide for every seed', () => {
  const random = seededRandom(1);
  const text = Array.from({ length: 16 }, () => Math.floor(random() * 0x7fff));
  const flipped = (a: number, b: number): string =>
    String.fromCharCode(...text.map((unit, i) => (i === a || i === b ? unit ^ 0x8000 : unit)));
  const seeds = [0, 1, -1, 0x12345678, 0x80000000 | 0];
  for (let a = 0; a < text.length; a++) {
    for (let b = 0; b < a; b++) {
      const collisions = seeds.filter(
        (seed) => hashKey(flipped(a, b), seed) === hashKey(flipped(-1, -1), seed),
      );
      expect(collisions.length).toBeLessThan(2);
    }
  }
});

test('keys that a Map holds to be equal have one hash', () => {
  expect(hashKey(-0, 5)).toBe(hashKey(0, 5));
  expect(hashKey(otherNaN(), 5)).toBe(hashKey(Number.NaN, 5));
  expect(hashKey(`ab${'c'.repeat(40)}`, 5)).toBe(hashKey(['ab', 'c'.repeat(40)].join(''), 5));
});

test('keys of all types but objects and functions have a hash, nearly always one of their own', () => {
  const keys = [
    null,
    undefined,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 53,
    2 ** 53 + 2,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    0n,
    1n,
    -1n,
    2n ** 32n,
    2n ** 63n,
    -(2n ** 63n) - 1n,
    '',
    '\0',
    '0',
    'null',
    'a\u0000',
    '\ud800',
    Symbol('a'),
    Symbol('b'),
    Symbol.iterator,
  ];
  for (const seed of [0, 1, -1]) {
    const hashes = keys.map((key) => hashKey(key, seed));
    for (const hash of hashes) expect(hash).toBe((hash as number) | 0);
    expect(new Set(hashes).size).toBeGreaterThan(keys.length - 6);
  }
  for (const key of [{}, [], () => {}, class {}, new Date(0)]) {
    expect(hashKey(key, 0)).toBeUndefined();
  }
});

test('mix is one to one', () => {
  const unmix = (bits: number): number => {
    let x = bits;
    x ^= x >>> 16;
    x = Math.imul(x, 0x43021123);
    x ^= (x >>> 15) ^ (x >>> 30);
    x = Math.imul(x, 0x1d69e2a5);
    return x ^ (x >>> 16);
  };
  for (let i = 0; i < 10_000; i++) {
    const bits = Math.imul(i, 0x9e3779b1);
    expect(unmix(mix(bits))).toBe(bits);
  }
});

test('no change of a bit in a character is undone by one in another for every seed', () => {
  const units = Array.from('ABCAEFGHIJKL', (one) => one.charCodeAt(0));
  const flipped = (...flips: readonly (readonly [at: number, bit: number])[]): string => {
    const changed = units.slice();
    for (const [at, bit] of flips) changed[at] = (changed[at] as number) ^ (1 << bit);
    return String.fromCharCode(...changed);
  };
  const seeds = [0, 1, -1, 0x12345678, 0x80000000 | 0];
  const plain = seeds.map((seed) => hashKey(flipped(), seed));
  for (let distance = 1; distance < 8; distance++) {
    for (let one = 0; one < 16; one++) {
      for (let other = 0; other < 16; other++) {
        const text = flipped([1, one], [1 + distance, other]);
        const collisions = seeds.filter((seed, i) => hashKey(text, seed) === plain[i]);
        expect(collisions.length).toBeLessThan(2);
      }
    }
  }
});

test('bigints that differ anywhere have hashes of their own', () => {
  const hashes = new Set(Array.from({ length: 1000 }, (_, i) => hashKey(BigInt(i) << 100n, 1)));
  expect(hashes.size).toBe(1000);
});
