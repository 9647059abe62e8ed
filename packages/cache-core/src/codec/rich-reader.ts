import { binaryKind, fromPart } from './rich-binary.ts';
import { MAX_DEPTH, TAG, TILDE } from './rich-format.ts';

const TIME_FORM = /^-?\d{1,16}$/;
const BIGINT_FORM = /^-?[\da-f]+$/;

/** Turns parsed JSON with tags into the value, in place where it can. Executes nothing. */
export class RichReader {
  readonly #binary: Uint8Array;
  /** Bytes of {@link #binary} that may still be copied: each is part of one value at most. */
  #binaryLeft: number;

  constructor(binary: Uint8Array) {
    this.#binary = binary;
    this.#binaryLeft = binary.length;
  }

  /** @throws TypeError when the text is not of the format */
  read(wire: unknown, depth = 0): unknown {
    if (typeof wire === 'string') return wire.charCodeAt(0) === TILDE ? readScalar(wire) : wire;
    if (typeof wire !== 'object' || wire === null) return wire;
    if (depth > MAX_DEPTH) throw new TypeError(`nested deeper than ${MAX_DEPTH} levels`);
    if (!Array.isArray(wire)) return this.#readMembers(wire as Record<string, unknown>, depth);
    switch (wire[0]) {
      case TAG.map:
        return this.#readMap(wire, depth);
      case TAG.set:
        return new Set(wire.slice(1).map((member) => this.read(member, depth + 1)));
      case TAG.withoutPrototype:
        return this.#readWithoutPrototype(wire, depth);
      case TAG.binary:
        return this.#readBinary(wire);
      default:
        return this.#readArray(wire, depth);
    }
  }

  #readMembers(object: Record<string, unknown>, depth: number): object {
    for (const name of Object.keys(object)) {
      const wire = object[name];
      const value = this.read(wire, depth + 1);
      // The property is the object's own already, so this is no call of the setter `__proto__`.
      if (value !== wire) object[name] = value;
    }
    return object;
  }

  #readArray(array: unknown[], depth: number): unknown[] {
    for (let index = 0; index < array.length; index++) {
      const wire = array[index];
      if (wire === TAG.hole) {
        // oxlint-disable-next-line typescript/no-array-delete -- a gap is just what is wanted
        delete array[index];
      } else {
        const value = this.read(wire, depth + 1);
        if (value !== wire) array[index] = value;
      }
    }
    return array;
  }

  #readMap(wire: readonly unknown[], depth: number): Map<unknown, unknown> {
    if (wire.length % 2 === 0) throw new TypeError('a Map whose last key has no value');
    const map = new Map<unknown, unknown>();
    for (let index = 1; index < wire.length; index += 2) {
      map.set(this.read(wire[index], depth + 1), this.read(wire[index + 1], depth + 1));
    }
    return map;
  }

  #readWithoutPrototype(wire: readonly unknown[], depth: number): object {
    const object = wire[1];
    if (wire.length !== 2 || typeof object !== 'object' || object === null) {
      throw new TypeError('an object without prototype that is none');
    }
    if (Array.isArray(object)) throw new TypeError('an array without prototype');
    return Object.setPrototypeOf(
      this.#readMembers(object as Record<string, unknown>, depth),
      null,
    ) as object;
  }

  #readBinary(wire: readonly unknown[]): unknown {
    const [, code, offset, length] = wire;
    const kind = binaryKind(code);
    if (
      wire.length !== 4 ||
      kind === undefined ||
      !isIndex(offset) ||
      !isIndex(length) ||
      length % kind.width !== 0 ||
      offset + length > this.#binary.length ||
      length > this.#binaryLeft
    ) {
      throw new TypeError('binary data of an unknown kind or out of bounds');
    }
    this.#binaryLeft -= length;
    return kind.make(fromPart(this.#binary.subarray(offset, offset + length), kind.width));
  }
}

function readScalar(wire: string): unknown {
  switch (wire) {
    case TAG.undefined:
      return undefined;
    case TAG.notANumber:
      return Number.NaN;
    case TAG.infinity:
      return Infinity;
    case TAG.negativeInfinity:
      return -Infinity;
    case TAG.negativeZero:
      return -0;
    case TAG.date:
      return new Date(Number.NaN);
    default:
  }
  const rest = wire.slice(2);
  if (wire.startsWith('~~')) return wire.slice(1);
  if (wire.startsWith(TAG.bigint) && BIGINT_FORM.test(rest)) {
    return rest.startsWith('-') ? -BigInt(`0x${rest.slice(1)}`) : BigInt(`0x${rest}`);
  }
  if (wire.startsWith(TAG.date) && TIME_FORM.test(rest)) return new Date(Number(rest));
  throw new TypeError('an unknown tag');
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
