import { crc32 } from 'node:zlib';
import { assert, integer, maxSafeInteger, property, tuple, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import {
  HEAD_BYTES,
  decodeHead,
  encodeHead,
  peekSizes,
  remaining,
} from '../../src/entries/entry-format.ts';

const NOW = 1_700_000_000_000;
const lifetime = tuple(
  integer({ min: 0, max: NOW }),
  maxSafeInteger().map((ttl) => Math.abs(ttl) + 1),
);
const key = uint8Array({ minLength: 1, maxLength: 300 });
const body = uint8Array({ maxLength: 300 });

it('what was encoded is decoded', () => {
  assert(
    property(key, body, lifetime, (key, body, [since, ttl]) => {
      const head = {
        since,
        until: since + ttl,
        bodyBytes: body.length,
        bodySum: crc32(body),
      };
      const bytes = encodeHead(key, head);
      expect(bytes.length).toBe(HEAD_BYTES + key.length);
      expect(decodeHead(bytes, NOW)).toEqual({ ...head, keyBytes: key.length });
      expect(peekSizes(bytes)).toEqual({ keyBytes: key.length, bodyBytes: body.length });
    }),
  );
});

it('a head in which any bit was flipped is not taken', () => {
  assert(
    property(key, integer({ min: 0, max: 2 ** 20 }), (key, bit) => {
      const bytes = encodeHead(key, { since: 1, until: 2, bodyBytes: 3, bodySum: 4 });
      const position = (bit >> 3) % bytes.length;
      bytes[position] = (bytes[position] ?? 0) ^ (1 << (bit & 7));
      expect(decodeHead(bytes, NOW)).toBeTypeOf('string');
    }),
  );
});

it('a head that ends early is not taken', () => {
  const bytes = encodeHead(new Uint8Array(20), { since: 1, until: 2, bodyBytes: 3, bodySum: 4 });
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeHead(bytes.subarray(0, length), NOW)).toBe('length');
  }
});

it('any bytes are decoded to a head or a damage', () => {
  assert(
    property(uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeHead(bytes, NOW)).toBeTypeOf('string');
    }),
  );
});

it('times that cannot be are refused', () => {
  const decode = (since: number, until: number): unknown =>
    decodeHead(encodeHead(new Uint8Array(1), { since, until, bodyBytes: 0, bodySum: 0 }), NOW);
  for (const [since, until] of [
    [Number.NaN, 5],
    [5, Number.NaN],
    [-1, 5],
    [5, 5],
    [6, 5],
    [NOW + 60_001, NOW + 100_000],
    [Infinity, Infinity],
  ] as const) {
    expect(decode(since, until)).toBe('times');
  }
  expect(decode(NOW + 60_000, Infinity)).toMatchObject({ until: Infinity });
});

it('a length that cannot be is refused', () => {
  for (const bodyBytes of [-1, 0.5, Number.NaN, Infinity]) {
    const bytes = encodeHead(new Uint8Array(1), { since: 1, until: 2, bodyBytes, bodySum: 0 });
    expect(decodeHead(bytes, NOW)).toBe('format');
  }
});

it('what remains is at most the whole lifetime', () => {
  expect(remaining({ since: 100, until: 200 }, 150)).toBe(50);
  expect(remaining({ since: 100, until: 200 }, 50)).toBe(100);
  expect(remaining({ since: 100, until: Infinity }, 150)).toBe(Infinity);
});
