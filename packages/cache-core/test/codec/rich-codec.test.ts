import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { jsonCodec } from '../../src/codec/json-codec.ts';
import { richCodec } from '../../src/codec/rich-codec.ts';
import { MAX_DEPTH, MAX_SPARSE_LENGTH } from '../../src/codec/rich-format.ts';

function roundTrip(value: unknown): unknown {
  return richCodec.decode(richCodec.encode(value));
}

/** Bytes with tags, as a program that means ill would write them. */
function forge(text: string, binary: Uint8Array = new Uint8Array(0)): Uint8Array {
  const head = Buffer.of(1, 0, 0, 0, 0);
  head.writeUInt32LE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text), binary]);
}

function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

class User {
  readonly name = 'Ada';
}
class Registry extends Map<string, number> {}
class Bytes extends Uint8Array {}
class List extends Array<number> {}

describe('what is kept', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', [Infinity, -Infinity]],
    ['-0', [-0, 0, { z: -0 }]],
    ['BigInts', [0n, -1n, 2n ** 64n, -(2n ** 200n)]],
    ['Dates', { at: new Date(1_700_000_000_001), before: new Date(-1), no: new Date(Number.NaN) }],
    ['properties that are undefined', { a: undefined, b: [undefined] }],
    [
      'Map and Set, in order',
      new Map<unknown, unknown>([
        [1, new Set(['b', 'a'])],
        [{ k: 1 }, -0],
      ]),
    ],
    ['an empty Map and Set', [new Map(), new Set()]],
    ['strings that look like tags', ['~', '~~', '~u', '~d0', '~~u', { '~m': '~m' }]],
    ['arrays that look like tags', [['~m'], ['~s', 1], ['~x', 'Buffer', 0, 9], ['~o', {}], ['~h']]],
    ['a string that ends in half a character', ['\ud800', '~\ud800', 1n]],
    ['a Buffer', Buffer.from('bytes')],
    ['an empty Buffer', { empty: Buffer.alloc(0), next: Buffer.of(1) }],
    ['an ArrayBuffer', Uint8Array.of(1, 2, 3).buffer],
    [
      'typed arrays',
      [Float64Array.of(Number.NaN, -0, 1.5), Int16Array.of(-2), BigInt64Array.of(-1n)],
    ],
    ['a DataView', new DataView(Uint8Array.of(1, 2, 3).buffer)],
    [
      'an object without prototype',
      Object.assign(Object.create(null) as object, { a: new Date(1) }),
    ],
    ['a deep mixture', { a: [new Map([['k', { b: [Buffer.of(1, 2), new Date(3), '~'] }]])] }],
  ])('%s', (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
    expect(roundTrip([value, { value }])).toStrictEqual([value, { value }]);
  });

  it('a Buffer comes back as a Buffer, a Uint8Array as a Uint8Array', () => {
    const [buffer, bytes] = roundTrip([Buffer.of(1), Uint8Array.of(1)]) as Uint8Array[];
    expect(Buffer.isBuffer(buffer)).toBe(true);
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(bytes).toBeInstanceOf(Uint8Array);
  });

  it('only the part of a buffer that a view shows', () => {
    const whole = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    const view = new Uint16Array(whole.buffer, 4, 2);
    expect(roundTrip(view)).toStrictEqual(Uint16Array.of(...view));
    expect((roundTrip(view) as Uint16Array).buffer.byteLength).toBe(4);
  });

  it('gaps in an array, also at its ends', () => {
    const value: unknown[] = [];
    value.length = 5;
    value[2] = 1n;
    const decoded = roundTrip(value) as unknown[];
    expect(decoded).toHaveLength(5);
    expect(Object.keys(decoded)).toEqual(['2']);
  });

  it('an object that occurs twice becomes two', () => {
    const shared = { at: new Date(1) };
    const [one, other] = roundTrip([shared, shared]) as unknown[];
    expect(one).toStrictEqual(shared);
    expect(one).not.toBe(other);
  });

  it('values of another realm', () => {
    const value = runInNewContext('({ at: new Date(5), set: new Set([1]), list: [1n] })') as object;
    expect(roundTrip(value)).toStrictEqual({ at: new Date(5), set: new Set([1]), list: [1n] });
    expect(roundTrip(runInNewContext('Int8Array.of(-1)'))).toStrictEqual(Int8Array.of(-1));
  });

  it('data nested as deep as may be', () => {
    const value = nest(MAX_DEPTH, (inner) => [inner]);
    expect(roundTrip(value)).toStrictEqual(value);
    const tagged = nest(MAX_DEPTH - 1, (inner) => new Set([inner]));
    expect(richCodec.encode(roundTrip(tagged))).toEqual(richCodec.encode(tagged));
  });

  it('plain data in the very bytes of JSON', () => {
    const value = { a: [1, 'x', null, { b: true }], '~': 'a~' };
    expect(richCodec.encode(value)).toEqual(jsonCodec.encode(value));
  });
});

describe('the value that is encoded', () => {
  it('is not changed', () => {
    const value = { at: new Date(1), list: [undefined, new Map([['a', 1n]])], text: '~' };
    const copy = structuredClone(value);
    richCodec.encode(value);
    expect(value).toStrictEqual(copy);
  });

  it('may be frozen', () => {
    const value = Object.freeze({ at: new Date(1), list: Object.freeze([1n]) });
    expect(roundTrip(value)).toStrictEqual({ at: new Date(1), list: [1n] });
  });
});

describe('the value that is decoded', () => {
  it('does not share memory with the bytes', () => {
    const bytes = richCodec.encode({ data: Uint8Array.of(1, 2, 3) });
    const { data } = richCodec.decode(bytes) as { data: Uint8Array };
    bytes.fill(0);
    expect(data).toEqual(Uint8Array.of(1, 2, 3));
    expect(data.buffer.byteLength).toBe(3);
  });

  it('has __proto__ as a property like any, and no prototype is touched', () => {
    const value = JSON.parse('{"__proto__":{"admin":1},"a":{"constructor":{"prototype":{}}}}') as {
      at?: Date;
    };
    value.at = new Date(1);
    const decoded = roundTrip(value) as object;
    expect(Object.keys(decoded)).toEqual(['__proto__', 'a', 'at']);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(decoded).not.toHaveProperty('admin');
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it('has __proto__ as a property also when what it holds is rich', () => {
    const value = JSON.parse('{"__proto__":1}') as Record<string, unknown>;
    Object.defineProperty(value, '__proto__', { value: new Date(7), enumerable: true });
    const decoded = roundTrip(value) as object;
    expect(Object.getOwnPropertyDescriptor(decoded, '__proto__')?.value).toStrictEqual(new Date(7));
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });
});

describe('what is refused with its place', () => {
  const cyclic: { list: unknown[] } = { list: [] };
  cyclic.list.push(new Map([['k', cyclic]]));
  const sparse: unknown[] = [];
  sparse[MAX_SPARSE_LENGTH] = 1;

  it.each<[string, unknown, RegExp]>([
    ['a function', { a: [() => 1] }, /^value\.a\[0\] is a function/],
    ['a symbol', Symbol('s'), /^value is a symbol/],
    ['an instance of a class', { user: new User() }, /^value\.user is an instance of User/],
    ['an Error', [new Error('e')], /^value\[0\] is an instance of Error/],
    ['a regular expression', [/x/], /^value\[0\] is an instance of RegExp/],
    ['a promise', Promise.resolve(), /^value is an instance of Promise/],
    ['a boxed number', [new Number(1)], /^value\[0\] is an instance of Number/],
    ['a WeakMap', new WeakMap(), /^value is an instance of WeakMap/],
    ['shared memory', new SharedArrayBuffer(1), /^value is an instance of SharedArrayBuffer/],
    ['a subclass of Map', new Registry(), /^value is an instance of Registry/],
    ['a subclass of Uint8Array', new Bytes(1), /^value is an instance of Bytes/],
    ['a subclass of Array', new List(), /^value is an instance of List/],
    ['a member of a Map', new Map([['k', new User()]]), /^value\[1\] is an instance of User/],
    ['what contains itself', cyclic, /contains itself/],
    ['data nested too deep', nest(MAX_DEPTH + 2, (inner) => [inner]), /deeper than 1000/],
    ['a long array with gaps', { sparse }, /^value\.sparse is an array with gaps/],
  ])('%s', (_, value, message) => {
    expect(() => richCodec.encode(value)).toThrow(TypeError);
    expect(() => richCodec.encode(value)).toThrow(message);
  });

  it('an array of four thousand million gaps is refused at once', () => {
    expect(() => richCodec.encode(Object.assign([], { length: 2 ** 32 - 1 }))).toThrow(/gaps/);
  });
});

describe('hostile bytes', () => {
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a head cut off', Buffer.of(1, 0, 0)],
    ['a text beyond the end', Buffer.of(1, 0xff, 0xff, 0xff, 0xff, 0x31)],
    ['a text that is not UTF-8', forge('"\ufffd"').fill(0xff, 6, 9)],
    ['a text that is not JSON', forge('{')],
    ['an unknown tag', forge('"~q"')],
    ['a tag on its own', forge('["~"]')],
    ['a gap outside an array', forge('{"a":"~h"}')],
    ['a tag with something behind it', forge('"~u1"')],
    ['a BigInt that is code', forge('"~balert(1)"')],
    ['a BigInt of no digits', forge('"~b"')],
    ['a Date that is none', forge('"~d1e3"')],
    ['a Map with a key too many', forge('["~m",1]')],
    ['an object without prototype that is a list', forge('["~o",[]]')],
    ['an object without prototype that is missing', forge('["~o"]')],
    ['binary data of an unknown kind', forge('["~x","Function",0,0]')],
    ['binary data of an inherited kind', forge('["~x","constructor",0,0]')],
    ['binary data beyond the end', forge('["~x","Buffer",0,4]', Buffer.alloc(3))],
    ['binary data before the beginning', forge('["~x","Buffer",-1,1]', Buffer.alloc(3))],
    ['binary data of a huge length', forge('["~x","Buffer",0,9007199254740991]')],
    ['binary data of a broken length', forge('["~x","Buffer",0,1.5]', Buffer.alloc(3))],
    ['binary data with half an element', forge('["~x","Int16Array",0,3]', Buffer.alloc(3))],
    [
      'binary data that is used twice, to take up more memory than was sent',
      forge('[["~x","Buffer",0,2],["~x","Buffer",0,2]]', Buffer.alloc(3)),
    ],
    ['tags nested too deep', forge('["~s",'.repeat(1002) + '1' + ']'.repeat(1002))],
    ['lists nested a million deep', forge('['.repeat(1_000_000) + ']'.repeat(1_000_000))],
  ])('%s throws', (_, bytes) => {
    expect(() => richCodec.decode(bytes)).toThrow(/./);
    expect(() => richCodec.decode(bytes)).not.toThrow(RangeError);
  });

  it('a BigInt of a million digits is read in linear time', () => {
    const digits = 'f'.repeat(1_000_000);
    expect(richCodec.decode(forge(`"~b${digits}"`))).toBe(2n ** 4_000_000n - 1n);
  });

  it('properties that are called like methods are not called', () => {
    const text = '{"toJSON":"~u","valueOf":{"a":"~n"}}';
    expect(richCodec.decode(forge(text))).toStrictEqual({
      toJSON: undefined,
      valueOf: { a: Number.NaN },
    });
  });
});
