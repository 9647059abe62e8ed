import * as zlib from 'node:zlib';
import { ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import type { CompressionAlgorithm } from '../../src/codec/compression.ts';
import { createEntryCodec, type EntryMeta } from '../../src/codec/entry-codec.ts';
import {
  encodeEnvelope,
  nonceOf,
  openEnvelope,
  readEnvelopeHeader,
  type EnvelopeHeader,
} from '../../src/codec/envelope.ts';
import { MAX_TAG_BYTES, MAX_TAGS } from '../../src/codec/envelope-layout.ts';
import { jsonCodec } from '../../src/codec/json-codec.ts';
import { richCodec } from '../../src/codec/rich-codec.ts';
import type { Codec } from '../../src/contracts/codec.ts';
import { SerializationError } from '../../src/errors.ts';

const meta: EntryMeta = {
  created: 1_700_000_000_000,
  freshUntil: 1_700_000_060_000,
  staleUntil: Infinity,
  ledgerId: 'ledger-1',
  asOf: 1_700_000_000_000_001,
  tags: ['a', 'tag:é😀'],
};
const hasZstd = 'zstdCompress' in zlib;
const text = 'the same again and '.repeat(500);

function open(codec: ReturnType<typeof createEntryCodec>, key: string, bytes: Uint8Array) {
  const opened = codec.open(key, bytes);
  if ('fault' in opened) throw new Error(`fault: ${opened.fault}`);
  return opened;
}

describe('without compression', () => {
  const codec = createEntryCodec({ codec: jsonCodec });

  it('a value and what is stored with it come back, at once', () => {
    const bytes = codec.encode('user:1', { a: [1, null, 'x'] }, meta) as Uint8Array;
    expect(bytes).toBeInstanceOf(Uint8Array);
    const opened = open(codec, 'user:1', bytes);
    expect(opened.meta).toMatchObject(meta);
    expect(opened.meta.nonce).toBe(nonceOf(bytes));
    expect(opened.value()).toEqual({ a: [1, null, 'x'] });
  });

  it.each([null, 0, '', false])('%j is a value', (value) => {
    expect(open(codec, 'k', codec.encode('k', value, meta) as Uint8Array).value()).toBe(value);
  });

  it('every entry has another nonce, also when its key and value are the same', () => {
    const nonces = Array.from({ length: 2000 }, () =>
      nonceOf(codec.encode('k', 1, meta) as Uint8Array),
    );
    expect(new Set(nonces).size).toBe(2000);
    expect(nonces.every((nonce) => /^[\da-f]{16}$/.test(nonce ?? ''))).toBe(true);
  });

  it('the nonce may come from elsewhere', () => {
    const fixed = createEntryCodec({ codec: jsonCodec, randomNonce: () => '00000000deadbeef' });
    expect(nonceOf(fixed.encode('k', 1, meta) as Uint8Array)).toBe('00000000deadbeef');
  });

  it('a value is decoded anew at each call, so that callers do not share it', () => {
    const opened = open(codec, 'k', codec.encode('k', { a: 1 }, meta) as Uint8Array);
    expect(opened.value()).not.toBe(opened.value());
  });

  it('a value that cannot be encoded is an error that names the key, the place and the way out', () => {
    const value = { at: [new Date()] };
    expect(() => codec.encode('user:1', value, meta)).toThrow(SerializationError);
    expect(() => codec.encode('user:1', value, meta)).toThrow(
      /"user:1".*"json".*value\.at\[0\].*Date.*richCodec/,
    );
  });

  it.each([
    ['an ill-formed tag', ['a\ud800']],
    ['an empty tag', ['']],
    ['a tag that is too long', ['x'.repeat(MAX_TAG_BYTES + 1)]],
    ['too many tags', Array.from({ length: MAX_TAGS + 1 }, String)],
  ])('%s is an error that names the key', (_, tags) => {
    expect(() => codec.encode('user:1', 1, { ...meta, tags })).toThrow(SerializationError);
    expect(() => codec.encode('user:1', 1, { ...meta, tags })).toThrow(/"user:1".*tag/);
  });

  it('a codec that returns no bytes is an error, not an entry', () => {
    const broken: Codec = { ...jsonCodec, encode: () => 'text' as unknown as Uint8Array };
    expect(() => createEntryCodec({ codec: broken }).encode('k', 1, meta)).toThrow(
      SerializationError,
    );
  });

  it('bytes that the codec cannot decode open, and the value throws an error that names the key', () => {
    const broken: Codec = { ...jsonCodec, encode: () => Buffer.from('{"a"') };
    const bytes = createEntryCodec({ codec: broken }).encode('user:1', 1, meta) as Uint8Array;
    const opened = open(codec, 'user:1', bytes);
    expect(() => opened.value()).toThrow(SerializationError);
    expect(() => opened.value()).toThrow(/"user:1"/);
  });

  it('a value beyond the bound is refused when it is written', () => {
    const small = createEntryCodec({ codec: jsonCodec, maxDecodedBytes: 10 });
    expect(() => small.encode('k', 'x'.repeat(9), meta)).toThrow(/maxDecodedBytes/);
    expect(() => small.encode('k', 'x'.repeat(8), meta)).not.toThrow();
  });

  it('a value beyond the bound is a fault when it is read', () => {
    const small = createEntryCodec({ codec: jsonCodec, maxDecodedBytes: 10 });
    const bytes = codec.encode('k', 'x'.repeat(9), meta) as Uint8Array;
    expect(small.open('k', bytes)).toEqual({ fault: 'size' });
  });

  it('an entry of another codec is a fault', () => {
    const rich = createEntryCodec({ codec: richCodec });
    expect(codec.open('k', rich.encode('k', 1, meta) as Uint8Array)).toEqual({ fault: 'codec' });
  });

  it('foreign bytes are a fault', () => {
    expect(codec.open('k', Buffer.from('{"a":1}'))).toEqual({ fault: 'magic' });
  });
});

const algorithms: readonly CompressionAlgorithm[] = hasZstd
  ? ['gzip', 'brotli', 'zstd']
  : ['gzip', 'brotli'];

describe.each(algorithms)('with %s', (algorithm) => {
  const codec = createEntryCodec({ codec: jsonCodec, compression: { algorithm } });

  it('a value above the threshold is stored smaller and comes back', async () => {
    const bytes = await codec.encode('k', text, meta);
    expect(bytes.length).toBeLessThan(1000);
    const opened = open(codec, 'k', bytes);
    expect(opened.meta).toMatchObject(meta);
    await expect(opened.value()).resolves.toBe(text);
  });

  it('a value below the threshold is stored as it is, at once', () => {
    const bytes = codec.encode('k', 'x'.repeat(1021), meta);
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(codec.encode('k', 'x'.repeat(1022), meta)).toBeInstanceOf(Promise);
  });

  it('a value that does not get smaller is stored as it is', async () => {
    const always = createEntryCodec({
      codec: jsonCodec,
      compression: { algorithm, threshold: 0 },
    });
    const bytes = await always.encode('k', 'xy', meta);
    expect((readEnvelopeHeader(bytes) as EnvelopeHeader).compression).toBe(0);
    expect(open(always, 'k', bytes).value()).toBe('xy');
  });

  it('a cache without compression reads it too', async () => {
    const plain = createEntryCodec({ codec: jsonCodec });
    const opened = open(plain, 'k', await codec.encode('k', text, meta));
    await expect(opened.value()).resolves.toBe(text);
  });

  it('a value that cannot be encoded throws before anything is compressed', () => {
    expect(() => codec.encode('k', [Number.NaN], meta)).toThrow(SerializationError);
  });

  it('what fits neither tags nor envelope rejects with an error that names the key', async () => {
    await expect(codec.encode('user:1', text, { ...meta, tags: [''] })).rejects.toThrow(/"user:1"/);
  });

  it('a bomb that admits its size is a fault, and is not decompressed', async () => {
    const small = createEntryCodec({ codec: jsonCodec, maxDecodedBytes: 5000 });
    expect(small.open('k', await codec.encode('k', text, meta))).toEqual({ fault: 'size' });
  });

  it('a bomb that lies about its size is not decompressed beyond it', async () => {
    const error: unknown = await lie(100).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ key: 'k', cause: { code: 'ERR_BUFFER_TOO_LARGE' } });
  });

  it('an entry that is smaller than it says rejects', async () => {
    await expect(lie(20_000)).rejects.toThrow(SerializationError);
  });

  async function lie(decodedLength: number): Promise<unknown> {
    const envelope = openEnvelope('k', await codec.encode('k', text, meta));
    if ('fault' in envelope) throw new Error(envelope.fault);
    const bytes = encodeEnvelope('k', { ...envelope.header, decodedLength }, envelope.payload);
    return await open(codec, 'k', bytes).value();
  }

  it('a damaged payload with a sound checksum rejects', async () => {
    const envelope = openEnvelope('k', await codec.encode('k', text, meta));
    if ('fault' in envelope) throw new Error(envelope.fault);
    const payload = Uint8Array.from(envelope.payload, (byte) => byte ^ 0x55);
    const damaged = encodeEnvelope('k', envelope.header, payload);
    await expect(open(codec, 'k', damaged).value()).rejects.toThrow(SerializationError);
  });

  it('a hundred values at once all come back', async () => {
    const values = Array.from({ length: 100 }, (_, index) => text + index);
    const encoded = await Promise.all(
      values.map(async (value) => await codec.encode('k', value, meta)),
    );
    const decoded = await Promise.all(encoded.map((bytes) => open(codec, 'k', bytes).value()));
    expect(decoded).toEqual(values);
  });
});

describe('an entry that this Node cannot decompress', () => {
  it('is a fault', () => {
    const header = { ...meta, codec: 1, compression: 200, nonce: '0'.repeat(16), decodedLength: 9 };
    const bytes = encodeEnvelope('k', header, new Uint8Array(5));
    expect(createEntryCodec({ codec: jsonCodec }).open('k', bytes)).toEqual({
      fault: 'compression',
    });
  });
});

describe('zstd', () => {
  it('is refused, with the version it needs, just where Node lacks it', () => {
    let refusal: unknown;
    try {
      createEntryCodec({ codec: jsonCodec, compression: { algorithm: 'zstd' } });
    } catch (error) {
      refusal = error;
    }
    expect(refusal instanceof ConfigError).toBe(!hasZstd);
    expect(hasZstd || String(refusal).includes('22.15')).toBe(true);
  });
});

describe('what is refused at construction', () => {
  it.each([
    ['no codec', { codec: undefined as unknown as Codec }],
    ['a codec without a number', { codec: { ...jsonCodec, id: 0 } }],
    ['a codec with a number too large', { codec: { ...jsonCodec, id: 256 } }],
    ['a codec under the number of another', { codec: { ...jsonCodec, name: 'mine' } }],
    ['a codec that cannot decode', { codec: { ...jsonCodec, decode: 1 as never } }],
    ['a bound of nothing', { codec: jsonCodec, maxDecodedBytes: 0 }],
    ['a bound that is no size', { codec: jsonCodec, maxDecodedBytes: '5 potatoes' as '5mb' }],
    ['a bound beyond 2 GiB', { codec: jsonCodec, maxDecodedBytes: '2gb' as const }],
    ['an unknown algorithm', { codec: jsonCodec, compression: { algorithm: 'lz4' as 'gzip' } }],
    ['an algorithm on its own', { codec: jsonCodec, compression: 'gzip' as never }],
    [
      'an unknown compression option',
      { codec: jsonCodec, compression: { algorithm: 'gzip' as const, treshold: 1 } },
    ],
    [
      'a level too high',
      { codec: jsonCodec, compression: { algorithm: 'gzip' as const, level: 10 } },
    ],
    [
      'a negative threshold',
      { codec: jsonCodec, compression: { algorithm: 'gzip' as const, threshold: -1 } },
    ],
  ])('%s', (_, options) => {
    expect(() => createEntryCodec(options)).toThrow(ConfigError);
  });

  it('a codec of one’s own is taken', () => {
    class Reverse implements Codec {
      readonly id = 32;
      readonly name = 'reverse';
      encode(value: unknown): Uint8Array {
        return this.#turn(jsonCodec.encode(value));
      }
      decode(bytes: Uint8Array): unknown {
        return jsonCodec.decode(this.#turn(bytes));
      }
      #turn(bytes: Uint8Array): Uint8Array {
        return bytes.toReversed();
      }
    }
    const codec = createEntryCodec({ codec: new Reverse() });
    expect(open(codec, 'k', codec.encode('k', { a: 1 }, meta) as Uint8Array).value()).toEqual({
      a: 1,
    });
  });
});
