/**
 * What an entry costs beside its key and value: its place in the index (about 45 bytes) and its slot
 * (32), with their share of what growing arrays leave free.
 */
const ENTRY_OVERHEAD = 88;
const OBJECT_HEADER = 24;
const ARRAY_HEADER = 32;
const REFERENCE = 8;
const NUMBER = 16;
const STRING_HEADER = 16;
/** A place in a `Map` or `Set`, with its share of free ones; there are at least four. */
const COLLECTION_ITEM = 40;
const LEAST_ITEMS = 4;
/** A `Date` keeps its broken-down fields beside the time. */
const DATE = 88;
/** How many members of a large collection are looked at; the others count as their average. */
const SAMPLE = 32;
/** How many objects are looked at in all; each one beyond counts as {@link UNSEEN_OBJECT}. */
const MAX_OBJECTS = 512;
const UNSEEN_OBJECT = 96;
/** How many characters of a string are looked at to tell one byte each from two. */
const LOOKED_AT = 256;
// oxlint-disable-next-line no-control-regex -- the bound of V8's one-byte strings
const TWO_BYTE = /[^\u0000-\u00ff]/;

/**
 * About how many bytes of memory an entry takes, on a 64-bit machine: key, value and the cache's own
 * record. Objects reachable by several paths count once; of large collections and graphs a sample
 * is taken, so that the cost is bounded. Functions, class-private fields and what lies behind
 * accessors are not seen.
 */
export function estimateEntryBytes(value: unknown, key: unknown): number {
  const walk = new Walk();
  return ENTRY_OVERHEAD + Math.ceil(walk.bytesOf(key) + walk.bytesOf(value));
}

class Walk {
  readonly #seen = new Set<object>();

  /** What lies behind a reference to the value; the reference itself counts at its holder. */
  bytesOf(value: unknown): number {
    switch (typeof value) {
      case 'string':
        return stringBytes(value);
      case 'number':
        return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : NUMBER;
      case 'bigint':
        return NUMBER + REFERENCE * Math.ceil(bitsOf(value) / 64);
      case 'object':
        return value === null ? 0 : this.#once(value);
      default:
        return 0;
    }
  }

  #once(object: object): number {
    if (this.#seen.has(object)) return 0;
    if (this.#seen.size >= MAX_OBJECTS) return UNSEEN_OBJECT;
    this.#seen.add(object);
    return this.#objectBytes(object);
  }

  #objectBytes(object: object): number {
    if (Array.isArray(object)) return ARRAY_HEADER + this.#memberBytes(object);
    if (ArrayBuffer.isView(object)) return bufferBytes(object);
    if (object instanceof ArrayBuffer || object instanceof SharedArrayBuffer) {
      return 2 * OBJECT_HEADER + object.byteLength;
    }
    if (object instanceof Map) {
      const { size } = object;
      const keys = this.#sampleBytes(size, object.keys());
      return collectionBytes(size) + keys + this.#sampleBytes(size, object.values());
    }
    if (object instanceof Set) {
      return collectionBytes(object.size) + this.#sampleBytes(object.size, object.values());
    }
    if (object instanceof Date) return DATE;
    return OBJECT_HEADER + this.#propertyBytes(object);
  }

  /** The members of an array, extrapolated from some of them all over it. */
  #memberBytes(array: readonly unknown[]): number {
    const step = Math.max(1, Math.floor(array.length / SAMPLE));
    let bytes = 0;
    for (let i = 0; i < array.length; i += step) bytes += this.bytesOf(array[i]);
    return array.length * REFERENCE + bytes * step;
  }

  /** The members of a collection, extrapolated from the first ones. */
  #sampleBytes(count: number, members: Iterable<unknown>): number {
    let bytes = 0;
    let looked = 0;
    for (const member of members) {
      bytes += this.bytesOf(member);
      if (++looked === SAMPLE) break;
    }
    return looked === 0 ? 0 : (bytes / looked) * count;
  }

  #propertyBytes(object: object): number {
    const names = Object.keys(object);
    const sample = names.length > SAMPLE ? names.slice(0, SAMPLE) : names;
    let bytes = 0;
    for (const name of sample) {
      const property = Object.getOwnPropertyDescriptor(object, name);
      bytes += this.bytesOf(property?.value);
    }
    // Objects with few properties share their layout; those with many are dictionaries.
    const place = names.length > 128 ? 3 * REFERENCE + (names[0]?.length ?? 0) : REFERENCE;
    return names.length === 0 ? 0 : names.length * place + (bytes / sample.length) * names.length;
  }
}

function collectionBytes(size: number): number {
  return 2 * OBJECT_HEADER + Math.max(size, LEAST_ITEMS) * COLLECTION_ITEM;
}

function stringBytes(text: string): number {
  const wide =
    TWO_BYTE.test(text.slice(0, LOOKED_AT)) ||
    (text.length > LOOKED_AT && TWO_BYTE.test(text.slice(-LOOKED_AT)));
  return STRING_HEADER + Math.ceil((text.length * (wide ? 2 : 1)) / 8) * 8;
}

function bufferBytes(view: ArrayBufferView): number {
  return 4 * OBJECT_HEADER + view.byteLength;
}

function bitsOf(value: bigint): number {
  return value.toString(16).length * 4;
}
