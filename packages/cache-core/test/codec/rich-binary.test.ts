import { describe, expect, it } from 'vitest';
import { fromPart, toPart } from '../../src/codec/rich-binary.ts';

describe('on a big-endian host', () => {
  it('elements are written little-endian, and the value is left alone', () => {
    const value = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2);
    expect(toPart(value, 4, 'BE')).toEqual(Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0));
    expect(value[3]).toBe(1);
  });

  it('elements are read back as the host holds them', () => {
    const part = Uint8Array.of(1, 0, 2, 0);
    expect(new Uint8Array(fromPart(part, 2, 'BE'))).toEqual(Uint8Array.of(0, 1, 0, 2));
    expect(new Uint8Array(fromPart(part, 1, 'BE'))).toEqual(part);
  });
});

describe('on a little-endian host', () => {
  it('elements are written and read as they are', () => {
    const value = Uint8Array.of(1, 0, 2, 0);
    expect(toPart(value, 2, 'LE')).toEqual(value);
    expect(new Uint8Array(fromPart(value, 2, 'LE'))).toEqual(value);
  });
});
