import { crc32 } from 'node:zlib';

/**
 * An entry's file, numbers in little-endian order:
 *
 *     0   4  "PFE1"
 *     4   4  CRC-32 of everything from 8 to the end of the key
 *     8   4  CRC-32 of the value
 *     12  4  bytes of the key
 *     16  8  bytes of the value (double)
 *     24  8  start of the lifetime, milliseconds since 1970 (double)
 *     32  8  end of the lifetime (double; Infinity for none)
 *     40     the key in UTF-8, then the value
 */
export const HEAD_BYTES = 40;

const MAGIC = 0x31_45_46_50;
const HEAD_SUM = 4;
const BODY_SUM = 8;
const KEY_BYTES = 12;
const BODY_BYTES = 16;
const SINCE = 24;
const UNTIL = 32;

/** How far a lifetime may begin in the future before the file's times count as absurd. */
const CLOCK_STEP = 60_000;

/** What is wrong with a file in an entry's place. */
export type Damage =
  /** It ends too early, or goes on behind its end. */
  | 'length'
  /** It is not an entry of this format. */
  | 'format'
  /** Its bytes have changed. */
  | 'checksum'
  /** It belongs to another key. */
  | 'key'
  /** Its lifetime begins in the future, or ends before it begins. */
  | 'times'
  /** It is a folder, a link, a pipe or something else. */
  | 'kind'
  /** It cannot be read. */
  | 'unreadable';

/** What stands before a value. */
export interface EntryHead {
  readonly since: number;
  readonly until: number;
  readonly keyBytes: number;
  readonly bodyBytes: number;
  readonly bodySum: number;
}

/** The length of the whole file. */
export function fileBytes(head: Pick<EntryHead, 'keyBytes' | 'bodyBytes'>): number {
  return HEAD_BYTES + head.keyBytes + head.bodyBytes;
}

/** The head and the key, to be followed by the value. */
export function encodeHead(key: Uint8Array, head: Omit<EntryHead, 'keyBytes'>): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + key.length);
  const view = viewOf(bytes);
  view.setUint32(0, MAGIC, true);
  view.setUint32(BODY_SUM, head.bodySum, true);
  view.setUint32(KEY_BYTES, key.length, true);
  view.setFloat64(BODY_BYTES, head.bodyBytes, true);
  view.setFloat64(SINCE, head.since, true);
  view.setFloat64(UNTIL, head.until, true);
  bytes.set(key, HEAD_BYTES);
  view.setUint32(HEAD_SUM, crc32(bytes.subarray(BODY_SUM)), true);
  return bytes;
}

/** The sizes that a head claims; nothing has been checked but the magic. */
export function peekSizes(
  bytes: Uint8Array,
): Pick<EntryHead, 'keyBytes' | 'bodyBytes'> | 'length' | 'format' {
  if (bytes.length < HEAD_BYTES) return 'length';
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== MAGIC) return 'format';
  return {
    keyBytes: view.getUint32(KEY_BYTES, true),
    bodyBytes: view.getFloat64(BODY_BYTES, true),
  };
}

/**
 * The checked head.
 * @param bytes begin with the head and the whole key
 * @param now the time by which absurd times are recognised
 */
export function decodeHead(bytes: Uint8Array, now: number): EntryHead | Damage {
  const sizes = peekSizes(bytes);
  if (typeof sizes === 'string') return sizes;
  const { keyBytes, bodyBytes } = sizes;
  if (bytes.length < HEAD_BYTES + keyBytes) return 'length';
  const view = viewOf(bytes);
  if (crc32(bytes.subarray(BODY_SUM, HEAD_BYTES + keyBytes)) !== view.getUint32(HEAD_SUM, true)) {
    return 'checksum';
  }
  const since = view.getFloat64(SINCE, true);
  const until = view.getFloat64(UNTIL, true);
  if (!Number.isSafeInteger(bodyBytes) || bodyBytes < 0) return 'format';
  if (!(since >= 0 && since <= now + CLOCK_STEP && until > since)) return 'times';
  return { since, until, keyBytes, bodyBytes, bodySum: view.getUint32(BODY_SUM, true) };
}

/** Milliseconds left; never more than the whole lifetime, also when the clock was set back. */
export function remaining(head: Pick<EntryHead, 'since' | 'until'>, now: number): number {
  return Math.min(head.until - now, head.until - head.since);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
