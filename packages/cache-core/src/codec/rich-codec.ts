import type { Codec } from '../contracts/codec.ts';
import { parseJson } from './json-text.ts';
import { TAGGED, TAGGED_HEAD_BYTES } from './rich-format.ts';
import { RichReader } from './rich-reader.ts';
import { RichWriter } from './rich-writer.ts';

/**
 * Keeps what JSON keeps, and Date, Map, Set, BigInt, Buffer, ArrayBuffer, DataView and typed arrays,
 * `undefined`, NaN, infinities, `-0`, gaps in arrays, and objects without prototype. Plain data takes the
 * same bytes as in JSON. The same in all versions of Node and on all processors.
 *
 * Refuses, naming the path: functions, symbols, instances of other classes (also of subclasses of
 * those above), values nested deeper than 1,000 levels or containing themselves, arrays with gaps and
 * longer than 65,536. Leaves out: properties that are symbols, not enumerable, or extra on an array
 * or any of the above. An object that occurs twice becomes two.
 *
 * Decoding creates data only: it calls nothing that is stored, and `__proto__` is a property like any.
 */
export const richCodec: Codec = {
  id: 2,
  name: 'rich',

  encode(value) {
    const writer = new RichWriter();
    const wire = writer.write(value);
    const text = JSON.stringify(wire);
    if (wire === value) return Buffer.from(text);

    const textBytes = Buffer.byteLength(text);
    const bytes = Buffer.allocUnsafe(TAGGED_HEAD_BYTES + textBytes + writer.partBytes);
    bytes[0] = TAGGED;
    bytes.writeUInt32LE(textBytes, 1);
    let position = TAGGED_HEAD_BYTES + bytes.write(text, TAGGED_HEAD_BYTES);
    for (const part of writer.parts) {
      bytes.set(part, position);
      position += part.length;
    }
    return bytes;
  },

  decode(bytes) {
    if (bytes[0] !== TAGGED) return parseJson(bytes);
    const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < TAGGED_HEAD_BYTES) throw new TypeError('the bytes end in their head');
    const textEnd = TAGGED_HEAD_BYTES + head.getUint32(1, true);
    if (textEnd > bytes.length) throw new TypeError('the bytes end in their text');
    const wire = parseJson(bytes.subarray(TAGGED_HEAD_BYTES, textEnd));
    return new RichReader(bytes.subarray(textEnd)).read(wire);
  },
};
