import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeEnvelope,
  nonceOf,
  openEnvelope,
  readEnvelopeHeader,
  type EnvelopeHeader,
} from '../../src/codec/envelope.ts';

const time = fc.double({ noNaN: true });
const key = fc.string({ unit: 'binary', minLength: 1 });
const headers: fc.Arbitrary<EnvelopeHeader> = fc.record({
  codec: fc.integer({ min: 1, max: 255 }),
  compression: fc.integer({ min: 1, max: 255 }),
  nonce: fc.stringMatching(/^[\da-f]{16}$/),
  created: fc.double({ noNaN: true, noDefaultInfinity: true }),
  freshUntil: time,
  staleUntil: time,
  ledgerId: fc.string({ unit: 'binary', maxLength: 60 }),
  asOf: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  tags: fc.array(fc.string({ unit: 'binary', minLength: 1 })),
  decodedLength: fc.nat({ max: 0xffff_ffff }),
});
const payloads = fc.uint8Array({ maxLength: 100 });

describe('envelopes', () => {
  it('open to what was put in, and to nothing under another key', () => {
    fc.assert(
      fc.property(key, key, headers, payloads, (name, other, header, payload) => {
        const bytes = encodeEnvelope(name, header, payload);
        const expected = { header, payload: Buffer.from(payload) };
        expect(openEnvelope(name, bytes)).toEqual(expected);
        expect(readEnvelopeHeader(bytes)).toEqual(header);
        expect(nonceOf(bytes)).toBe(header.nonce);
        expect(openEnvelope(other, bytes)).toEqual(other === name ? expected : { fault: 'key' });
      }),
    );
  });

  it('with any byte changed are a fault', () => {
    fc.assert(
      fc.property(
        headers,
        payloads,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (header, payload, position, change) => {
          const bytes = encodeEnvelope('k', header, payload);
          const index = position % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ change;
          expect(openEnvelope('k', bytes)).toHaveProperty('fault');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('cut off anywhere are a fault', () => {
    fc.assert(
      fc.property(headers, payloads, fc.nat(), (header, payload, position) => {
        const bytes = encodeEnvelope('k', header, payload);
        const cut = bytes.subarray(0, position % bytes.length);
        expect(openEnvelope('k', cut)).toEqual({ fault: 'truncated' });
      }),
    );
  });
});

describe('bytes of any kind', () => {
  const garbage = fc.uint8Array({ maxLength: 300 });
  const lookalikes = fc
    .tuple(fc.uint8Array({ minLength: 5, maxLength: 300 }), fc.boolean())
    .map(([rest, small]) => {
      const bytes = Buffer.from([0xf5, 0x43, 1, 1, 0, 0, 0, 0, ...rest]);
      // Small lengths, so that the parser gets further.
      if (small && bytes.length > 72) bytes.fill(1, 56, 68).fill(0, 57, 64);
      if (bytes.length > 12) bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
      return bytes;
    });

  it('never make opening, reading the header or the nonce throw', () => {
    fc.assert(
      fc.property(fc.oneof(garbage, lookalikes), (bytes) => {
        expect(openEnvelope('k', bytes)).toHaveProperty('fault');
        readEnvelopeHeader(bytes);
        nonceOf(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});
