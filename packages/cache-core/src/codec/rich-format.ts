/**
 * The format of {@link richCodec}. A value that JSON keeps is plain JSON text. Any other begins with
 * the byte 1 (which no JSON text does), the length of the text in four bytes (little-endian), the
 * text, and then the contents of its buffers and typed arrays, one after another. In such a text:
 *
 * | text | value |
 * |---|---|
 * | `"~~…"` | a string that begins with `~`, without the first one |
 * | `"~u"` `"~n"` `"~i"` `"~j"` `"~z"` | undefined, NaN, Infinity, -Infinity, -0 |
 * | `"~h"` in an array | no element at this index |
 * | `"~b-1f"` | a BigInt, in hexadecimal (decimal takes quadratic time to read) |
 * | `"~d1700000000000"` | a Date, in epoch milliseconds; `"~d"` for an invalid one |
 * | `["~m",key,value,…]` `["~s",member,…]` | a Map, a Set, in order |
 * | `["~o",{…}]` | an object without prototype |
 * | `["~x",kind,offset,length]` | binary data of a {@link BinaryKind}, by its place in bytes |
 */
export const TAG = {
  undefined: '~u',
  notANumber: '~n',
  infinity: '~i',
  negativeInfinity: '~j',
  negativeZero: '~z',
  hole: '~h',
  bigint: '~b',
  date: '~d',
  map: '~m',
  set: '~s',
  withoutPrototype: '~o',
  binary: '~x',
} as const;

/** The code of `~`, which all tags begin with. */
export const TILDE = 0x7e;
/** The first byte of what is not plain JSON. */
export const TAGGED = 1;
/** That byte and the length of the text. */
export const TAGGED_HEAD_BYTES = 5;
/** How deep a value may be nested, so that neither writing nor reading it can exhaust the stack. */
export const MAX_DEPTH = 1000;
/** The longest array with gaps; a gap costs as much as an element. */
export const MAX_SPARSE_LENGTH = 65_536;
