import { endianness } from 'node:os';

/** How a kind of binary data is written and made. */
export interface BinaryKind {
  /** Its code in the format. */
  readonly code: string;
  /** Bytes of an element, which are little-endian in the format. */
  readonly width: number;
  make(contents: ArrayBuffer): unknown;
}

const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const BUFFER: BinaryKind = { code: 'Buffer', width: 1, make: (contents) => Buffer.from(contents) };
const ARRAY_BUFFER: BinaryKind = { code: 'ArrayBuffer', width: 1, make: (contents) => contents };
const KINDS: ReadonlyMap<string, BinaryKind> = new Map<string, BinaryKind>(
  [
    BUFFER,
    ARRAY_BUFFER,
    { code: 'DataView', width: 1, make: (contents: ArrayBuffer) => new DataView(contents) },
    ...TYPED_ARRAYS.map((TypedArray) => ({
      code: TypedArray.name,
      width: TypedArray.BYTES_PER_ELEMENT,
      make: (contents: ArrayBuffer) => new TypedArray(contents),
    })),
  ].map((kind) => [kind.code, kind]),
);

/** The kind of a code; `undefined` when there is none. */
export function binaryKind(code: unknown): BinaryKind | undefined {
  return typeof code === 'string' ? KINDS.get(code) : undefined;
}

/** The kind of a value; `undefined` when it is none. Subclasses of a kind are not of that kind. */
export function binaryKindOf(value: ArrayBufferView | ArrayBuffer): BinaryKind | undefined {
  const depth = prototypesOf(value);
  if (Buffer.isBuffer(value)) return depth === 4 ? BUFFER : undefined;
  if (!ArrayBuffer.isView(value)) return depth === 2 ? ARRAY_BUFFER : undefined;
  // Of a typed array the engine itself tells the name, whatever realm it is from.
  const kind = KINDS.get(String((value as Partial<Uint8Array>)[Symbol.toStringTag]));
  return depth === (value instanceof DataView ? 2 : 3) ? kind : undefined;
}

/** How many prototypes an object has; an instance of a built-in's subclass has one more. */
export function prototypesOf(value: object): number {
  let count = 0;
  for (
    let prototype = Object.getPrototypeOf(value) as object | null;
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    count++;
  }
  return count;
}

/** The value's bytes as they are written: a view, or a copy where the host is big-endian. */
export function toPart(
  value: ArrayBufferView | ArrayBuffer,
  width: number,
  host: 'LE' | 'BE' = endianness(),
): Uint8Array {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  return host === 'BE' && width > 1 ? swap(bytes.slice(), width) : bytes;
}

/** A copy of a written part, as this host holds it. */
export function fromPart(
  bytes: Uint8Array,
  width: number,
  host: 'LE' | 'BE' = endianness(),
): ArrayBuffer {
  const contents = new ArrayBuffer(bytes.length);
  const copy = new Uint8Array(contents);
  copy.set(bytes);
  if (host === 'BE') swap(copy, width);
  return contents;
}

/** Reverses the bytes of each element, in place. */
function swap(bytes: Uint8Array, width: number): Uint8Array {
  for (let start = 0; start < bytes.length; start += width) {
    bytes.subarray(start, start + width).reverse();
  }
  return bytes;
}
