import type { StoredEntry } from '@perf/cache-core';

/** A value whose bytes are in buffers of their own, which can be handed to another thread. */
export interface Owned<T> {
  readonly value: T;
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * The same value, with the bytes of the entries in a list (themselves, or under `entry`) in buffers of
 * their own. What shares its buffer with something else is copied.
 */
export function ownBytes(value: unknown): Owned<unknown> {
  const transfer: ArrayBuffer[] = [];
  if (!Array.isArray(value)) return { value, transfer };
  return {
    value: value.map((one: unknown) =>
      isObject(one) && 'entry' in one
        ? { ...one, entry: own(one['entry'], transfer) }
        : own(one, transfer),
    ),
    transfer,
  };
}

/** A copy of the bytes that can be handed over. */
export function copyBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

function own(value: unknown, transfer: ArrayBuffer[]): unknown {
  if (!isObject(value) || !(value['bytes'] instanceof Uint8Array)) return value;
  const { bytes } = value as unknown as StoredEntry;
  const whole =
    bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
      ? new Uint8Array(bytes.buffer)
      : copyBytes(bytes);
  transfer.push(whole.buffer);
  return { ...value, bytes: whole };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
