import { crc32 } from 'node:zlib';
import { envelopeFault, type EnvelopeFault } from './envelope-fault.ts';
import {
  CHECKSUM_BYTES,
  MAGIC,
  MAX_LEDGER_ID_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_TAG_BYTES,
  MAX_TAGS,
  NEGATIVE,
  OFFSET,
  TAG_LENGTH_BYTES,
  VERSION,
} from './envelope-layout.ts';
import { hashKey } from './key-hash.ts';
import { isNonce, NONCE_BYTES } from './nonce.ts';

/** What an envelope says about its payload. */
export interface EnvelopeHeader {
  /** The `id` of the codec that encoded the payload: 1 to 255. */
  readonly codec: number;
  /** The algorithm that compressed it: 1 to 255, or 0 for none. */
  readonly compression: number;
  /** The entry's identity: 16 lower-case hexadecimal digits. */
  readonly nonce: string;
  /** When the value was made, in epoch milliseconds. */
  readonly created: number;
  /** Until when it is fresh, in epoch milliseconds; `Infinity` for ever. */
  readonly freshUntil: number;
  /** Until when it may be served stale, in epoch milliseconds; `Infinity` for ever. */
  readonly staleUntil: number;
  /** The identity of the ledger that `asOf` counts in; `''` without one. */
  readonly ledgerId: string;
  /** The ledger's sequence number known before the value was loaded; 0 without a ledger. */
  readonly asOf: number;
  readonly tags: readonly string[];
  /** Whether the value stands for there being none. @default false */
  readonly negative?: boolean | undefined;
  /** Bytes of the payload once decompressed. */
  readonly decodedLength: number;
}

/** An envelope that was opened. */
export interface Envelope {
  readonly header: EnvelopeHeader;
  /** A view into the bytes that were opened. */
  readonly payload: Uint8Array;
}

const NO_TAGS: readonly string[] = Object.freeze([]);

/**
 * Wraps a payload for a key. The result owns its buffer, so it can be handed to a worker.
 * @throws RangeError naming the field that does not fit: too many tags, a tag that is empty, too
 * long or not well-formed Unicode, a time that is NaN, a payload of 4 GiB and more
 */
export function encodeEnvelope(
  key: string,
  header: EnvelopeHeader,
  payload: Uint8Array,
): Uint8Array {
  checkHeader(header, payload);
  const { ledgerId, tags } = header;
  const ledgerIdBytes = checkText('ledger id', ledgerId, 0, MAX_LEDGER_ID_BYTES);
  let length = OFFSET.ledgerId + ledgerIdBytes + payload.length + CHECKSUM_BYTES;
  for (const tag of tags) length += TAG_LENGTH_BYTES + checkText('tag', tag, 1, MAX_TAG_BYTES);

  const bytes = Buffer.allocUnsafeSlow(length);
  bytes.writeUInt16BE(MAGIC, OFFSET.magic);
  bytes[OFFSET.version] = VERSION;
  bytes[OFFSET.codec] = header.codec;
  bytes[OFFSET.compression] = header.compression;
  bytes[OFFSET.flags] = header.negative === true ? NEGATIVE : 0;
  bytes.fill(0, OFFSET.reserved, OFFSET.nonce);
  bytes.write(header.nonce, OFFSET.nonce, NONCE_BYTES, 'hex');
  const hash = hashKey(key);
  bytes.writeUInt32LE(hash.low, OFFSET.keyHash);
  bytes.writeUInt32LE(hash.high, OFFSET.keyHash + 4);
  bytes.writeDoubleLE(header.created, OFFSET.created);
  bytes.writeDoubleLE(header.freshUntil, OFFSET.freshUntil);
  bytes.writeDoubleLE(header.staleUntil, OFFSET.staleUntil);
  bytes.writeDoubleLE(header.asOf, OFFSET.asOf);
  bytes.writeUInt32LE(header.decodedLength, OFFSET.decodedLength);
  bytes.writeUInt32LE(payload.length, OFFSET.payloadLength);
  bytes.writeUInt16LE(ledgerIdBytes, OFFSET.ledgerIdLength);
  bytes.writeUInt16LE(tags.length, OFFSET.tagCount);
  let position = OFFSET.ledgerId + bytes.write(ledgerId, OFFSET.ledgerId);
  for (const tag of tags) {
    const tagBytes = bytes.write(tag, position + TAG_LENGTH_BYTES);
    bytes.writeUInt16LE(tagBytes, position);
    position += TAG_LENGTH_BYTES + tagBytes;
  }
  bytes.set(payload, position);
  position += payload.length;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, position)), position);
  return bytes;
}

/**
 * Opens what a store returned for a key. What is damaged, foreign, of a newer version or of another
 * key is a fault: ask `'fault' in result`. Never throws, whatever the bytes.
 */
export function openEnvelope(key: string, bytes: Uint8Array): Envelope | EnvelopeFault {
  const buffer = asBuffer(bytes);
  const parsed = parseHeader(buffer);
  if ('fault' in parsed) return parsed;
  const { header, payloadStart, payloadEnd } = parsed;
  if (buffer.length !== payloadEnd + CHECKSUM_BYTES) {
    return envelopeFault(buffer.length < payloadEnd + CHECKSUM_BYTES ? 'truncated' : 'malformed');
  }
  if (crc32(buffer.subarray(0, payloadEnd)) !== buffer.readUInt32LE(payloadEnd)) {
    return envelopeFault('checksum');
  }
  const hash = hashKey(key);
  if (
    buffer.readUInt32LE(OFFSET.keyHash) !== hash.low ||
    buffer.readUInt32LE(OFFSET.keyHash + 4) !== hash.high
  ) {
    return envelopeFault('key');
  }
  return { header, payload: buffer.subarray(payloadStart, payloadEnd) };
}

/**
 * Reads the header alone, for tools: neither key nor checksum is verified, and the payload may be
 * missing. Ask `'fault' in result`. Never throws, whatever the bytes.
 */
export function readEnvelopeHeader(bytes: Uint8Array): EnvelopeHeader | EnvelopeFault {
  const parsed = parseHeader(asBuffer(bytes));
  return 'fault' in parsed ? parsed : parsed.header;
}

/**
 * The entry's identity, as 16 lower-case hexadecimal digits, without opening it; `undefined` when the
 * bytes do not begin as an envelope does. Holds for every version of the format.
 */
export function nonceOf(bytes: Uint8Array): string | undefined {
  const end = OFFSET.nonce + NONCE_BYTES;
  if (bytes.length < end || bytes[0] !== MAGIC >>> 8 || bytes[1] !== (MAGIC & 0xff)) {
    return undefined;
  }
  return asBuffer(bytes).toString('hex', OFFSET.nonce, end);
}

interface ParsedHeader {
  readonly header: EnvelopeHeader;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

function parseHeader(buffer: Buffer): ParsedHeader | EnvelopeFault {
  if (buffer.length <= OFFSET.version) return envelopeFault('truncated');
  if (buffer.readUInt16BE(OFFSET.magic) !== MAGIC) return envelopeFault('magic');
  if (buffer[OFFSET.version] !== VERSION) return envelopeFault('version');
  if (buffer.length < OFFSET.ledgerId) return envelopeFault('truncated');

  const ledgerIdLength = buffer.readUInt16LE(OFFSET.ledgerIdLength);
  const tagCount = buffer.readUInt16LE(OFFSET.tagCount);
  if (ledgerIdLength > MAX_LEDGER_ID_BYTES || tagCount > MAX_TAGS) {
    return envelopeFault('malformed');
  }
  let position = OFFSET.ledgerId + ledgerIdLength;
  if (position > buffer.length) return envelopeFault('truncated');
  const ledgerId = buffer.toString('utf8', OFFSET.ledgerId, position);
  const tags: string[] = [];
  for (let index = 0; index < tagCount; index++) {
    const start = position + TAG_LENGTH_BYTES;
    if (start > buffer.length) return envelopeFault('truncated');
    const length = buffer.readUInt16LE(position);
    if (length === 0 || length > MAX_TAG_BYTES) return envelopeFault('malformed');
    position = start + length;
    if (position > buffer.length) return envelopeFault('truncated');
    tags.push(buffer.toString('utf8', start, position));
  }

  const flags = buffer.readUInt8(OFFSET.flags);
  const payloadLength = buffer.readUInt32LE(OFFSET.payloadLength);
  const header: EnvelopeHeader = {
    codec: buffer.readUInt8(OFFSET.codec),
    compression: buffer.readUInt8(OFFSET.compression),
    nonce: buffer.toString('hex', OFFSET.nonce, OFFSET.nonce + NONCE_BYTES),
    created: buffer.readDoubleLE(OFFSET.created),
    freshUntil: buffer.readDoubleLE(OFFSET.freshUntil),
    staleUntil: buffer.readDoubleLE(OFFSET.staleUntil),
    ledgerId,
    asOf: buffer.readDoubleLE(OFFSET.asOf),
    tags: tagCount === 0 ? NO_TAGS : tags,
    negative: flags === NEGATIVE ? true : undefined,
    decodedLength: buffer.readUInt32LE(OFFSET.decodedLength),
  };
  if (
    (flags | NEGATIVE) !== NEGATIVE ||
    buffer.readUInt16BE(OFFSET.reserved) !== 0 ||
    problemOf(header, payloadLength) !== undefined
  ) {
    return envelopeFault('malformed');
  }
  return { header, payloadStart: position, payloadEnd: position + payloadLength };
}

/** What cannot be about the header's numbers; `undefined` when all is well. */
function problemOf(header: EnvelopeHeader, payloadLength: number): string | undefined {
  if (!isInteger(header.codec, 1, 255)) return 'the codec id is not from 1 to 255';
  if (!isInteger(header.compression, 0, 255)) return 'the compression id is not from 0 to 255';
  if (!Number.isFinite(header.created)) return 'the time of creation is not finite';
  if (Number.isNaN(header.freshUntil)) return 'the time until which it is fresh is NaN';
  if (Number.isNaN(header.staleUntil)) return 'the time until which it may be stale is NaN';
  if (!(header.asOf >= 0 && header.asOf < Infinity)) return 'the sequence number is not from 0 on';
  if (!isInteger(payloadLength, 0, MAX_PAYLOAD_BYTES)) return 'the payload is 4 GiB or more';
  if (!isInteger(header.decodedLength, 0, MAX_PAYLOAD_BYTES)) {
    return 'the decoded payload is 4 GiB or more';
  }
  if (header.compression === 0 && header.decodedLength !== payloadLength) {
    return 'the payload is not compressed, yet its decoded length is another';
  }
  return undefined;
}

function checkHeader(header: EnvelopeHeader, payload: Uint8Array): void {
  let problem = problemOf(header, payload.length);
  if (header.tags.length > MAX_TAGS) problem ??= `there are more than ${MAX_TAGS} tags`;
  if (!isNonce(header.nonce)) problem ??= 'the nonce is not 16 lower-case hexadecimal digits';
  if (problem !== undefined) throw new RangeError(problem);
}

/** The bytes that the text takes. Ill-formed text is refused: it would not come back as it went. */
function checkText(what: string, text: string, min: number, max: number): number {
  const length = Buffer.byteLength(text);
  if (length < min || length > max || !text.isWellFormed()) {
    const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
    throw new RangeError(
      `the ${what} ${shown} is not a well-formed text of ${min} to ${max} bytes of UTF-8`,
    );
  }
  return length;
}

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
