import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEntryCodec, type EntryMeta } from '../../src/codec/entry-codec.ts';
import { encodeEnvelope } from '../../src/codec/envelope.ts';
import { richCodec } from '../../src/codec/rich-codec.ts';
import { SerializationError } from '../../src/errors.ts';

const meta: EntryMeta = {
  created: 1,
  freshUntil: 2,
  staleUntil: 3,
  ledgerId: '',
  asOf: 0,
  tags: [],
};
const codec = createEntryCodec({
  codec: richCodec,
  compression: { algorithm: 'gzip', threshold: 100 },
  maxDecodedBytes: '1mb',
});

describe('createEntryCodec', () => {
  it('returns what was stored, compressed or not', async () => {
    const value = fc.array(fc.oneof(fc.string(), fc.bigInt(), fc.date()), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), value, async (key, stored) => {
        const opened = codec.open(key, await codec.encode(key, stored, meta));
        expect('fault' in opened ? opened : await opened.value()).toStrictEqual(stored);
      }),
    );
  });

  it('never throws at foreign bytes, and fails at the value with a SerializationError alone', async () => {
    const payload = fc.uint8Array({ maxLength: 200 });
    const bytes = fc.oneof(
      payload,
      fc
        .tuple(payload, fc.constantFrom(0, 1, 2, 3, 4), fc.nat({ max: 2_000_000 }))
        .map(([content, compression, decodedLength]) =>
          encodeEnvelope(
            'k',
            {
              ...meta,
              codec: 2,
              compression,
              nonce: '0'.repeat(16),
              decodedLength: compression === 0 ? content.length : decodedLength,
            },
            content,
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (foreign) => {
        const opened = codec.open('k', foreign);
        let failure: unknown;
        try {
          if (!('fault' in opened)) await opened.value();
        } catch (error) {
          failure = error;
        }
        expect(failure === undefined || failure instanceof SerializationError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
