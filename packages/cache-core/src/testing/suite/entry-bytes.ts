import assert from 'node:assert/strict';
import { encodeEnvelope } from '../../codec/envelope.ts';
import type { StoredEntry } from '../../contracts/cache-store.ts';

/** A nonce that is told apart by its number. */
export function nonce(number: number): string {
  return number.toString(16).padStart(16, '0');
}

/** An entry as a cache writes it, so that a store finds the nonce in it. */
export function envelope(key: string, text: string, number = 1): Uint8Array {
  const payload = Buffer.from(text);
  return encodeEnvelope(
    key,
    {
      codec: 1,
      compression: 0,
      nonce: nonce(number),
      created: 0,
      freshUntil: Infinity,
      staleUntil: Infinity,
      ledgerId: '',
      asOf: 0,
      tags: [],
      decodedLength: payload.length,
    },
    payload,
  );
}

/** Bytes that cannot be told from noise by looking at a few. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = index * 31 + (index >>> 8);
  return bytes;
}

export function assertBytes(entry: StoredEntry | undefined, expected: Uint8Array): void {
  assert.ok(entry !== undefined, 'there is no entry');
  assert.ok(entry.bytes instanceof Uint8Array, 'the bytes are not a Uint8Array');
  assert.ok(
    Buffer.compare(entry.bytes, expected) === 0,
    `the bytes are others than those written: ${show(entry.bytes)}, not ${show(expected)}`,
  );
}

/** What a key holds, for comparing: the text, or `undefined`. */
export function textOf(entry: StoredEntry | undefined): string | undefined {
  return entry === undefined ? undefined : Buffer.from(entry.bytes).toString();
}

const SHOWN = 24;

function show(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, SHOWN)).toString('hex');
  return `${start}${bytes.length > SHOWN ? '…' : ''} (${bytes.length} bytes)`;
}
