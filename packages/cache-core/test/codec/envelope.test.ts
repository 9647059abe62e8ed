import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  encodeEnvelope,
  nonceOf,
  openEnvelope,
  readEnvelopeHeader,
  type EnvelopeHeader,
} from '../../src/codec/envelope.ts';
import { MAX_TAG_BYTES, MAX_TAGS, OFFSET } from '../../src/codec/envelope-layout.ts';

const header: EnvelopeHeader = {
  codec: 1,
  compression: 0,
  nonce: '0123456789abcdef',
  created: 1_700_000_000_000,
  freshUntil: 1_700_000_060_000,
  staleUntil: Infinity,
  ledgerId: 'led',
  asOf: 1_700_000_000_000_001,
  tags: ['t', 'é'],
  decodedLength: 3,
};
const payload = Uint8Array.of(7, 8, 9);

function sample(changes: Partial<EnvelopeHeader> = {}): Buffer {
  return Buffer.from(encodeEnvelope('k', { ...header, ...changes }, payload));
}

/** Changes bytes and makes the checksum right again, as a program that writes nonsense would. */
function forge(change: (bytes: Buffer) => void): Buffer {
  const bytes = sample();
  change(bytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

describe('the format', () => {
  it('is, byte for byte, that of version 1', () => {
    // A change of this text breaks every stored entry: raise the version and keep reading this one.
    expect(sample().toString('hex')).toBe(
      [
        'f543 01 01 00 000000',
        '0123456789abcdef',
        '87612389 b5d8d3fc',
        '00008056febc7842',
        '00002665febc7842',
        '000000000000f07f',
        '0400796090281843',
        '03000000 03000000 0300 0200',
        '6c6564 0100 74 0200 c3a9',
        '070809',
        '31ec8f54',
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  it('has a buffer of its own, so that a worker can take it over', () => {
    expect(encodeEnvelope('k', header, payload).buffer.byteLength).toBe(sample().length);
  });
});

describe('opening', () => {
  it('returns what was put in', () => {
    const opened = openEnvelope('k', sample());
    expect(opened).toEqual({ header, payload: Buffer.from(payload) });
  });

  it('works on a plain array of bytes in the middle of another', () => {
    const bytes = sample();
    const outer = new Uint8Array(bytes.length + 14);
    outer.set(bytes, 7);
    const inner = outer.subarray(7, 7 + bytes.length);
    expect(openEnvelope('k', inner)).toEqual({ header, payload: Buffer.from(payload) });
    expect(nonceOf(inner)).toBe(header.nonce);
    expect(readEnvelopeHeader(inner)).toEqual(header);
  });

  it('takes any key', () => {
    for (const key of ['*', '\n', '\0', '../', '__proto__', '😀', 'x'.repeat(1 << 20)]) {
      const bytes = encodeEnvelope(key, header, payload);
      expect(openEnvelope(key, bytes)).toHaveProperty('header');
      expect(openEnvelope(`${key}.`, bytes)).toEqual({ fault: 'key' });
    }
  });

  it('takes no ledger, no tags and an empty payload', () => {
    const bare = { ...header, ledgerId: '', asOf: 0, tags: [], decodedLength: 0 };
    const bytes = encodeEnvelope('k', bare, new Uint8Array(0));
    expect(openEnvelope('k', bytes)).toEqual({ header: bare, payload: Buffer.alloc(0) });
  });

  it('takes as many and as long tags as there may be', () => {
    const tags = Array.from({ length: MAX_TAGS }, (_, index) =>
      String(index).padEnd(MAX_TAG_BYTES, 'x'),
    );
    expect(readEnvelopeHeader(sample({ tags }))).toEqual({ ...header, tags });
  });
});

describe('what is not an entry of this key is a fault', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'truncated'],
    ['a text', Buffer.from('{"a":1}'), 'magic'],
    ['zeros', Buffer.alloc(500), 'magic'],
    ['a newer version', forge((bytes) => (bytes[OFFSET.version] = 2)), 'version'],
    ['a version that never was', forge((bytes) => (bytes[OFFSET.version] = 0)), 'version'],
    ['a newer version, cut off', Buffer.of(0xf5, 0x43, 2), 'version'],
    ['an entry without its last byte', sample().subarray(0, -1), 'truncated'],
    ['an entry with a byte too many', Buffer.concat([sample(), Buffer.of(0)]), 'malformed'],
    ['reserved bytes in use', forge((bytes) => (bytes[OFFSET.reserved + 1] = 1)), 'malformed'],
    ['no codec', forge((bytes) => (bytes[OFFSET.codec] = 0)), 'malformed'],
    [
      'a time that is NaN',
      forge((bytes) => bytes.writeDoubleLE(Number.NaN, OFFSET.freshUntil)),
      'malformed',
    ],
    [
      'a creation at the end of time',
      forge((bytes) => bytes.writeDoubleLE(Infinity, OFFSET.created)),
      'malformed',
    ],
    [
      'a negative sequence number',
      forge((bytes) => bytes.writeDoubleLE(-1, OFFSET.asOf)),
      'malformed',
    ],
    [
      'two lengths of an uncompressed payload',
      forge((bytes) => bytes.writeUInt32LE(4, OFFSET.decodedLength)),
      'malformed',
    ],
    [
      'a payload as long as can be said',
      forge((bytes) => {
        bytes.writeUInt32LE(0xffff_ffff, OFFSET.payloadLength);
        bytes.writeUInt32LE(0xffff_ffff, OFFSET.decodedLength);
      }),
      'truncated',
    ],
    [
      'more tags than may be',
      forge((bytes) => bytes.writeUInt16LE(0xffff, OFFSET.tagCount)),
      'malformed',
    ],
    ['more tags than there are', forge((bytes) => bytes.writeUInt16LE(99, OFFSET.tagCount)), 'any'],
    [
      'a ledger id beyond the end',
      forge((bytes) => bytes.writeUInt16LE(255, OFFSET.ledgerIdLength)),
      'truncated',
    ],
    [
      'a ledger id too long',
      forge((bytes) => bytes.writeUInt16LE(256, OFFSET.ledgerIdLength)),
      'malformed',
    ],
    [
      'a tag too long',
      forge((bytes) => bytes.writeUInt16LE(MAX_TAG_BYTES + 1, OFFSET.ledgerId + 3)),
      'malformed',
    ],
    [
      'a tag beyond the end',
      forge((bytes) => bytes.writeUInt16LE(MAX_TAG_BYTES, OFFSET.ledgerId + 3)),
      'truncated',
    ],
    ['an empty tag', forge((bytes) => bytes.writeUInt16LE(0, OFFSET.ledgerId + 3)), 'malformed'],
    [
      'a flipped bit in the payload',
      Buffer.from(sample()).fill(6, sample().length - 7, sample().length - 6),
      'checksum',
    ],
  ])('%s', (_, bytes, fault) => {
    expect(openEnvelope('k', bytes)).toEqual({
      fault: fault === 'any' ? (expect.any(String) as string) : fault,
    });
  });
});

describe('reading the header alone', () => {
  it('needs neither the key nor the payload', () => {
    expect(readEnvelopeHeader(sample().subarray(0, -payload.length - 4))).toEqual(header);
    expect(readEnvelopeHeader(sample().subarray(0, -payload.length - 5))).toEqual({
      fault: 'truncated',
    });
  });
});

describe('the nonce', () => {
  it('is found at its fixed place, also in a newer version and in an entry that is damaged', () => {
    expect(nonceOf(forge((bytes) => (bytes[OFFSET.version] = 9)))).toBe(header.nonce);
    expect(nonceOf(sample().subarray(0, 16))).toBe(header.nonce);
  });

  it('is not found in what is too short or foreign', () => {
    expect(nonceOf(sample().subarray(0, 15))).toBeUndefined();
    expect(nonceOf(Buffer.alloc(100))).toBeUndefined();
    expect(nonceOf(Buffer.of(0xf5, ...Buffer.alloc(99)))).toBeUndefined();
  });
});

describe('a header that does not fit is refused', () => {
  it.each<[string, Partial<EnvelopeHeader>, RegExp]>([
    ['a codec id of 0', { codec: 0 }, /codec id/],
    ['a codec id beyond a byte', { codec: 256 }, /codec id/],
    ['a compression id beyond a byte', { compression: 256 }, /compression id/],
    ['a short nonce', { nonce: 'abc' }, /nonce/],
    ['a nonce that is not hexadecimal', { nonce: 'x'.repeat(16) }, /nonce/],
    ['a time of creation that is NaN', { created: Number.NaN }, /creation/],
    ['a fresh time that is NaN', { freshUntil: Number.NaN }, /fresh/],
    ['a stale time that is NaN', { staleUntil: Number.NaN }, /stale/],
    ['an endless sequence number', { asOf: Infinity }, /sequence number/],
    ['a ledger id too long', { ledgerId: 'x'.repeat(256) }, /ledger id/],
    ['an empty tag', { tags: [''] }, /tag ""/],
    ['a tag too long in bytes', { tags: ['é'.repeat(MAX_TAG_BYTES / 2 + 1)] }, /tag/],
    ['an ill-formed tag', { tags: ['\ud800'] }, /tag/],
    ['too many tags', { tags: Array.from({ length: MAX_TAGS + 1 }, () => 't') }, /tags/],
    ['a decoded length that is not that of the payload', { decodedLength: 4 }, /decoded length/],
    ['a negative decoded length', { compression: 1, decodedLength: -1 }, /decoded payload/],
  ])('%s', (_, changes, message) => {
    expect(() => sample(changes)).toThrow(RangeError);
    expect(() => sample(changes)).toThrow(message);
  });
});
