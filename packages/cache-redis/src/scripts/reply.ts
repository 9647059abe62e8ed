import type { StoredEntry } from '@perf/cache-core';

/** The items of a script's answer. Numbers may come as texts, where the client was told so. */
export function itemsOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new TypeError('a script must answer with a list');
  return reply;
}

/** `remaining`: milliseconds, -1 for no end. */
export function entryOf(bytes: unknown, remaining: unknown): StoredEntry {
  const left = Number(remaining);
  return { bytes: bytes as Buffer, remaining: left === -1 ? Infinity : Math.max(0, left) };
}

/** A lifetime as scripts take it. */
export function lifetime(ttl: number): string {
  return ttl === Infinity ? '' : String(ttl);
}

/** The bytes without a copy, as the driver takes them. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
