import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { richCodec } from '../../src/codec/rich-codec.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '~',
    '~~',
    '~u',
    '~h',
    '~m',
    '~s',
    '~o',
    '~x',
    '~b1',
    '~d1',
    '__proto__',
    '\ud800',
  ),
);
const scalar = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
);
const binary = fc.oneof(
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array().map((bytes) => bytes.slice().buffer),
  fc.uint8Array().map((bytes) => new DataView(bytes.slice().buffer)),
  fc.uint8ClampedArray(),
  fc.int8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: binary },
    { weight: 2, arbitrary: fc.array(tie('value'), { depthIdentifier: 'value' }) },
    { weight: 1, arbitrary: fc.sparseArray(tie('value'), { maxNumElements: 5, maxLength: 20 }) },
    {
      weight: 2,
      arbitrary: fc.dictionary(text, tie('value'), { depthIdentifier: 'value' }),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(tie('value'), tie('value')), { depthIdentifier: 'value' })
        .map((members) => new Map(members)),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(tie('value'), { depthIdentifier: 'value' })
        .map((members) => new Set(members)),
    },
  ),
})).value;

describe('richCodec', () => {
  it('decodes what it encoded to an equal value', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(richCodec.decode(richCodec.encode(value))).toStrictEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('throws cleanly or returns data for any bytes, and leaves the prototypes alone', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const json = fc.json().map((text) => Buffer.from(text));
    const garbage = fc.uint8Array({ maxLength: 200 });
    const damaged = fc
      .tuple(values, fc.nat(), fc.nat({ max: 255 }))
      .map(([value, position, byte]) => {
        const bytes = Buffer.from(richCodec.encode(value));
        bytes[position % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(garbage, json, damaged), (bytes) => {
        let failure: unknown;
        try {
          richCodec.decode(bytes);
        } catch (error) {
          failure = error;
        }
        expect(
          failure === undefined || failure instanceof TypeError || failure instanceof SyntaxError,
        ).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });
});
