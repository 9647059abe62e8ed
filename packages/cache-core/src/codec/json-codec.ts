import type { Codec } from '../contracts/codec.ts';
import { parseJson } from './json-text.ts';
import { describeValue, isPlainObject, joinPath } from './plain-object.ts';

/**
 * JSON, for values that JSON keeps: whatever is read from the decoded value is `===` to what was
 * there before, or again such an object or array. Everything else is refused instead of silently
 * changed: Date, Map, Set, BigInt, typed arrays and other class instances, functions, symbols, NaN,
 * infinities, and `undefined` in an array or on its own. Use {@link richCodec} for these.
 *
 * What JSON changes and this takes nevertheless: `-0` becomes `0`; a property that is `undefined` is
 * left out; properties that are symbols, not enumerable, or names on an array are left out; objects
 * without prototype get one; an object that occurs twice becomes two.
 */
export const jsonCodec: Codec = {
  id: 1,
  name: 'json',

  encode(value) {
    // First, because it refuses what refers to itself, which the check would follow for ever.
    const json = JSON.stringify(value) as string | undefined;
    const loss = findLoss(value);
    if (loss !== undefined) {
      throw new TypeError(`value${loss}, which JSON would lose; use richCodec or store plain data`);
    }
    return Buffer.from(json as string);
  },

  decode(bytes) {
    return parseJson(bytes);
  },
};

/** Where and what JSON would change, such as ".items[2].at is a Date"; `undefined` for nothing. */
function findLoss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : ` is ${describeValue(value)}`;
    case 'object':
      if (value === null) return undefined;
      return Array.isArray(value) ? findLossInArray(value) : findLossInObject(value);
    default:
      return ` is ${describeValue(value)}`;
  }
}

function findLossInArray(array: readonly unknown[]): string | undefined {
  for (let index = 0; index < array.length; index++) {
    const loss = findLoss(array[index]);
    if (loss !== undefined) return joinPath(index, loss);
  }
  return undefined;
}

function findLossInObject(object: object): string | undefined {
  if (!isPlainObject(object)) return ` is ${describeValue(object)}`;
  for (const name of Object.keys(object)) {
    const member = (object as Record<string, unknown>)[name];
    const loss = member === undefined ? undefined : findLoss(member);
    if (loss !== undefined) return joinPath(name, loss);
  }
  return undefined;
}
