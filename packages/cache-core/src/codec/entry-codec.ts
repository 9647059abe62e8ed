import { checkFunction, checkInteger, ConfigError, toBytes, type ByteSize } from '@perf/core';
import type { Codec } from '../contracts/codec.ts';
import { SerializationError } from '../errors.ts';
import {
  createCompressor,
  findDecompress,
  type CompressionOptions,
  type Compressor,
} from './compression.ts';
import { envelopeFault, type EnvelopeFault } from './envelope-fault.ts';
import { encodeEnvelope, openEnvelope, type EnvelopeHeader } from './envelope.ts';
import { jsonCodec } from './json-codec.ts';
import { createNonceSource } from './nonce.ts';
import { richCodec } from './rich-codec.ts';

/** What is stored with a value; see {@link EnvelopeHeader}. */
export type EntryMeta = Pick<
  EnvelopeHeader,
  'created' | 'freshUntil' | 'staleUntil' | 'ledgerId' | 'asOf' | 'tags' | 'negative'
>;

/** A stored entry whose envelope is sound. */
export interface OpenedEntry {
  readonly meta: EntryMeta & Pick<EnvelopeHeader, 'nonce'>;
  /**
   * Decodes the value, anew at each call: a promise of it if it is compressed, else the value itself.
   * @throws {@link SerializationError} (or the promise rejects with it) when it cannot be decoded
   */
  value(): unknown;
}

/** Turns values into what stores keep, and back. Holds no state but its options. */
export interface EntryCodec {
  /**
   * Encodes the value at once and wraps it under a new nonce (see `nonceOf`). A promise only if it is
   * to be compressed.
   * @throws {@link SerializationError} naming the key (or the promise rejects with it) when the value
   * or its tags cannot be stored
   */
  encode(key: string, value: unknown, meta: EntryMeta): Uint8Array | Promise<Uint8Array>;
  /** Opens what a store has; ask `'fault' in result`. The value is not decoded yet. Never throws. */
  open(key: string, bytes: Uint8Array): OpenedEntry | EnvelopeFault;
}

/** Options of {@link createEntryCodec}. */
export interface EntryCodecOptions {
  readonly codec: Codec;
  /** @default none */
  readonly compression?: CompressionOptions | undefined;
  /** The largest value that is stored or read, in bytes once encoded and before compression. @default '64mb' */
  readonly maxDecodedBytes?: ByteSize | undefined;
  /** Makes a nonce: 16 lower-case hexadecimal digits. @default the system's random generator */
  readonly randomNonce?: (() => string) | undefined;
}

const DEFAULT_MAX_DECODED_BYTES = '64mb';
const LARGEST = 2 ** 31 - 1;

/** @throws {@link ConfigError} naming the option that is refused */
export function createEntryCodec(options: EntryCodecOptions): EntryCodec {
  const codec = checkCodec(options.codec);
  const compressor =
    options.compression === undefined ? undefined : createCompressor(options.compression);
  const limit = toBytes('maxDecodedBytes', options.maxDecodedBytes ?? DEFAULT_MAX_DECODED_BYTES, {
    max: LARGEST,
  });
  const nextNonce = checkFunction('randomNonce', options.randomNonce ?? createNonceSource());

  function wrap(
    key: string,
    meta: EntryMeta,
    payload: Uint8Array,
    decodedLength: number,
    compression: number,
  ): Uint8Array {
    const { created, freshUntil, staleUntil, ledgerId, asOf, tags, negative } = meta;
    try {
      return encodeEnvelope(
        key,
        {
          codec: codec.id,
          compression,
          nonce: nextNonce(),
          created,
          freshUntil,
          staleUntil,
          ledgerId,
          asOf,
          tags,
          negative,
          decodedLength,
        },
        payload,
      );
    } catch (error) {
      throw new SerializationError(key, `the entry cannot be stored: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  function toPayload(key: string, value: unknown): Uint8Array {
    let payload: unknown;
    try {
      payload = codec.encode(value);
    } catch (error) {
      throw new SerializationError(
        key,
        `codec "${codec.name}" cannot encode the value: ${messageOf(error)}`,
        { cause: error },
      );
    }
    if (!(payload instanceof Uint8Array)) {
      // A codec is synchronous; that this one is not should not end the process as well.
      if (payload instanceof Promise) payload.catch(() => undefined);
      throw new SerializationError(key, `codec "${codec.name}" returned something else than bytes`);
    }
    if (payload.length > limit) {
      throw new SerializationError(
        key,
        `the value takes ${payload.length} bytes, more than maxDecodedBytes (${limit}); store less under the key or raise the bound`,
      );
    }
    return payload;
  }

  async function compressAndWrap(
    { id, compress }: Compressor,
    key: string,
    meta: EntryMeta,
    payload: Uint8Array,
  ): Promise<Uint8Array> {
    const { length } = payload;
    let compressed: Uint8Array;
    try {
      compressed = await compress(payload);
    } catch (error) {
      throw new SerializationError(key, `the value cannot be compressed: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return compressed.length < length
      ? wrap(key, meta, compressed, length, id)
      : wrap(key, meta, payload, length, 0);
  }

  function toValue(key: string, payload: Uint8Array): unknown {
    try {
      return codec.decode(payload);
    } catch (error) {
      throw new SerializationError(
        key,
        `codec "${codec.name}" cannot decode the stored bytes: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  return {
    encode(key, value, meta) {
      const payload = toPayload(key, value);
      return compressor !== undefined && payload.length >= compressor.threshold
        ? compressAndWrap(compressor, key, meta, payload)
        : wrap(key, meta, payload, payload.length, 0);
    },

    open(key, bytes) {
      const envelope = openEnvelope(key, bytes);
      if ('fault' in envelope) return envelope;
      const { header, payload } = envelope;
      if (header.codec !== codec.id) return envelopeFault('codec');
      if (header.decodedLength > limit) return envelopeFault('size');
      if (header.compression === 0) return { meta: header, value: () => toValue(key, payload) };

      const decompress = findDecompress(header.compression);
      if (decompress === undefined) return envelopeFault('compression');
      return {
        meta: header,
        async value() {
          let decoded: Uint8Array;
          try {
            decoded = await decompress(payload, header.decodedLength);
          } catch (error) {
            throw new SerializationError(
              key,
              `the stored bytes cannot be decompressed: ${messageOf(error)}`,
              { cause: error },
            );
          }
          return toValue(key, decoded);
        },
      };
    },
  };
}

/** The identities that are taken: bytes of one codec must never be read by another. */
const OWN: ReadonlyMap<number, string> = new Map(
  [jsonCodec, richCodec].map(({ id, name }) => [id, name]),
);

function checkCodec(codec: Codec): Codec {
  if (typeof codec !== 'object' || codec === null) {
    throw new ConfigError('codec', codec, 'an object with id, name, encode and decode');
  }
  checkInteger('codec.id', codec.id, { max: 255 });
  const owner = OWN.get(codec.id);
  if (owner !== undefined && owner !== codec.name) {
    throw new ConfigError('codec.id', codec.id, `another number: it belongs to codec "${owner}"`);
  }
  for (const method of ['encode', 'decode'] as const) {
    checkFunction(`codec.${method}`, codec[method]);
  }
  return codec;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
