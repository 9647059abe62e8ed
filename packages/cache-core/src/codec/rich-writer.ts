import { types } from 'node:util';
import { describeValue, isPlainObject, joinPath } from './plain-object.ts';
import { binaryKindOf, prototypesOf, toPart } from './rich-binary.ts';
import { MAX_DEPTH, MAX_SPARSE_LENGTH, TAG, TILDE } from './rich-format.ts';

/** Turns one value into what JSON keeps, with tags where needed, and collects its binary data. */
export class RichWriter {
  /** The binary data, in the order of their offsets. */
  readonly parts: Uint8Array[] = [];
  /** Bytes of all {@link parts}. */
  partBytes = 0;
  /** The property or index that is being written at each depth, for messages. */
  readonly #steps: (string | number)[] = [];

  /**
   * The value itself where JSON keeps it as it is, so that plain data is not copied; else a copy
   * of what has to change.
   * @throws TypeError with the path, when the value has no form in the format
   */
  write(value: unknown, depth = 0): unknown {
    switch (typeof value) {
      case 'string':
        return value.charCodeAt(0) === TILDE ? `~${value}` : value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : tagOfNumber(value);
      case 'boolean':
        return value;
      case 'undefined':
        return TAG.undefined;
      case 'bigint':
        return TAG.bigint + value.toString(16);
      case 'object':
        return value === null ? null : this.#writeObject(value, depth);
      default:
        return this.#refuse(`is ${describeValue(value)}`, depth);
    }
  }

  #writeObject(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) {
      return this.#refuse(`is nested deeper than ${MAX_DEPTH} levels, or contains itself`, 0);
    }
    if (Array.isArray(value)) {
      if (Object.getPrototypeOf(value) === Array.prototype || prototypesOf(value) === 2) {
        return this.#writeArray(value, depth);
      }
    } else if (isPlainObject(value)) {
      return this.#writePlain(value as Record<string, unknown>, depth);
    } else if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) {
      const kind = binaryKindOf(value);
      if (kind !== undefined) return this.#writeBinary(value, kind.code, kind.width);
    } else if (prototypesOf(value) === 2) {
      if (types.isDate(value)) return TAG.date + (timeOf(value) ?? '');
      if (types.isMap(value)) return this.#writeMembers(TAG.map, [...value].flat(), depth);
      if (types.isSet(value)) return this.#writeMembers(TAG.set, [...value], depth);
    }
    return this.#refuse(`is ${describeValue(value)}`, depth);
  }

  #writePlain(object: Record<string, unknown>, depth: number): unknown {
    let copy: Record<string, unknown> | undefined;
    for (const name of Object.keys(object)) {
      const member = object[name];
      this.#steps[depth] = name;
      const written = this.write(member, depth + 1);
      if (written !== member) {
        copy ??= { ...object };
        // The copy has the property already, so this is no call of the setter `__proto__`.
        copy[name] = written;
      }
    }
    const whole = copy ?? object;
    return Object.getPrototypeOf(object) === null ? [TAG.withoutPrototype, whole] : whole;
  }

  #writeArray(array: readonly unknown[], depth: number): unknown {
    let copy: unknown[] | undefined;
    for (let index = 0; index < array.length; index++) {
      const member = array[index];
      this.#steps[depth] = index;
      let written: unknown;
      if (member === undefined && !Object.hasOwn(array, index)) {
        if (array.length > MAX_SPARSE_LENGTH) {
          this.#refuse(`is an array with gaps and longer than ${MAX_SPARSE_LENGTH}`, depth);
        }
        written = TAG.hole;
      } else {
        written = this.write(member, depth + 1);
      }
      if (written !== member) {
        copy ??= [...array];
        copy[index] = written;
      }
    }
    return copy ?? array;
  }

  #writeMembers(tag: string, members: readonly unknown[], depth: number): unknown {
    const written: unknown[] = [tag];
    for (const [index, member] of members.entries()) {
      this.#steps[depth] = index;
      written.push(this.write(member, depth + 1));
    }
    return written;
  }

  #writeBinary(value: ArrayBufferView | ArrayBuffer, code: string, width: number): unknown {
    const part = toPart(value, width);
    const offset = this.partBytes;
    this.parts.push(part);
    this.partBytes += part.length;
    return [TAG.binary, code, offset, part.length];
  }

  #refuse(problem: string, depth: number): never {
    let path = '';
    for (let level = depth - 1; level >= 0; level--) path = joinPath(this.#steps[level] ?? 0, path);
    throw new TypeError(
      `value${path} ${problem}, which cannot be stored; store plain data or use a codec of your own`,
    );
  }
}

function tagOfNumber(value: number): string {
  if (Number.isNaN(value)) return TAG.notANumber;
  if (value === 0) return TAG.negativeZero;
  return value > 0 ? TAG.infinity : TAG.negativeInfinity;
}

function timeOf(date: Date): number | undefined {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? undefined : time;
}
