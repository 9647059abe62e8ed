import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { EpochStamp } from '../../../src/stores/ledger/epoch-stamp.ts';

it('what is sealed is opened as it was, with its epoch', () => {
  const stamp = new EpochStamp();
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(2 ** 32 - 1), (bytes, epoch) => {
      expect(stamp.open(stamp.seal(bytes, epoch))).toEqual({ bytes: Buffer.from(bytes), epoch });
    }),
  );
});

it('what another instance has sealed is of no epoch', () => {
  const sealed = new EpochStamp().seal(Buffer.from('value'), 3);
  expect(new EpochStamp().open(sealed)).toEqual({ bytes: Buffer.from('value'), epoch: -1 });
});

it('what bears no mark, or half of one, is of no epoch', () => {
  const stamp = new EpochStamp();
  const sealed = stamp.seal(new Uint8Array(), 0);
  for (let length = 0; length < sealed.length; length++) {
    expect(stamp.open(sealed.subarray(0, length)).epoch).toBe(-1);
  }
  expect(stamp.open(Buffer.alloc(40)).epoch).toBe(-1);
});

it('bytes in a larger buffer are opened where they lie', () => {
  const stamp = new EpochStamp();
  const sealed = stamp.seal(Buffer.from('value'), 7);
  const larger = Buffer.concat([Buffer.from('before'), sealed, Buffer.from('after')]);
  expect(stamp.open(larger.subarray(6, 6 + sealed.length))).toEqual({
    bytes: Buffer.from('value'),
    epoch: 7,
  });
});
