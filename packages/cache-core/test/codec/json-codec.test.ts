import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonCodec } from '../../src/codec/json-codec.ts';

function roundTrip(value: unknown): unknown {
  return jsonCodec.decode(jsonCodec.encode(value));
}

class User {
  readonly name = 'Ada';
}

describe('what is kept', () => {
  it('every JSON value comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(roundTrip(value)).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([null, 0, '', false, '\ud800', '\0\n', '😀', [], {}])('%j', (value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it('a property called __proto__ is a property like any', () => {
    const value = JSON.parse('{"__proto__":{"admin":true}}') as object;
    const decoded = roundTrip(value) as object;
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(decoded).not.toHaveProperty('admin');
    expect({}).not.toHaveProperty('admin');
  });

  it('a plain object of another realm is plain', () => {
    expect(roundTrip(runInNewContext('({ a: [1, { b: 2 }] })'))).toEqual({ a: [1, { b: 2 }] });
  });
});

describe('what is changed, as documented', () => {
  it('a property that is undefined is left out', () => {
    expect(roundTrip({ a: undefined, b: 1 })).toStrictEqual({ b: 1 });
  });

  it('-0 becomes 0, and an object without prototype gets one', () => {
    expect(roundTrip([-0])).toStrictEqual([0]);
    expect(roundTrip(Object.assign(Object.create(null) as object, { a: 1 }))).toStrictEqual({
      a: 1,
    });
  });
});

describe('what JSON would lose is refused with its place', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;

  it.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /^value is undefined/],
    ['a function', () => 1, /^value is a function/],
    ['a symbol', Symbol('s'), /^value is a symbol/],
    ['a function as a property', { f: () => 1 }, /^value\.f is a function/],
    ['undefined in an array', [1, undefined], /^value\[1\] is undefined/],
    ['a gap in an array', Object.assign([], { length: 2 }), /^value\[0\]/],
    ['NaN', { a: { b: [Number.NaN] } }, /^value\.a\.b\[0\] is NaN/],
    ['Infinity', [-Infinity], /^value\[0\] is -Infinity/],
    ['a Date', { at: new Date(0) }, /^value\.at is an instance of Date/],
    ['an invalid Date', { at: new Date(Number.NaN) }, /^value\.at is an instance of Date/],
    ['a Map', { 'a b': new Map() }, /^value\["a b"\] is an instance of Map/],
    ['a Set', new Set(), /^value is an instance of Set/],
    ['a Buffer', [Buffer.of(1)], /^value\[0\] is an instance of Buffer/],
    ['a typed array', new Float64Array(1), /^value is an instance of Float64Array/],
    ['an instance of a class', { user: new User() }, /^value\.user is an instance of User/],
    ['an object with toJSON', { a: { toJSON: () => 1 } }, /^value\.a\.toJSON is a function/],
    ['a boxed string', [new String('a')], /^value\[0\] is an instance of String/],
    ['a BigInt', { a: 1n }, /BigInt/],
    ['what contains itself', cyclic, /circular/],
  ])('%s', (_, value, message) => {
    expect(() => jsonCodec.encode(value)).toThrow(TypeError);
    expect(() => jsonCodec.encode(value)).toThrow(message);
  });
});

describe('garbage', () => {
  it('throws, whatever it is', () => {
    for (const text of ['', '{', '{"a":1}x', '\u0001', "{'a':1}"]) {
      expect(() => jsonCodec.decode(Buffer.from(text))).toThrow(SyntaxError);
    }
    expect(() => jsonCodec.decode(Buffer.of(0x22, 0xff, 0x22))).toThrow(TypeError);
  });

  it('that is nested a million deep does not exhaust the stack', () => {
    expect(() => jsonCodec.decode(Buffer.from('['.repeat(1_000_000)))).toThrow(SyntaxError);
  });
});
