import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, middleOf, ZERO_THRESHOLD } from '../../src/exponential/bucket-index.ts';

const boundOf = (bucket: number): number => 2 ** ((bucket + 1) / 32);

test('a number lies in its bucket: above the bound before, up to its own bound', () => {
  const number = fc.double({ min: ZERO_THRESHOLD, max: Number.MAX_VALUE, noNaN: true });
  fc.assert(
    fc.property(number, (value) => {
      const bucket = bucketOf(value);
      // The bounds are irrational: whatever is nearest to them may lie on either side.
      expect(value).toBeLessThanOrEqual(boundOf(bucket) * (1 + 1e-15));
      expect(value).toBeGreaterThan(boundOf(bucket - 1) * (1 - 1e-15));
    }),
    { numRuns: 2000 },
  );
});

test('powers of two are the upper bounds of their buckets, exactly', () => {
  for (let power = -64; power < 1024; power++) {
    expect(bucketOf(2 ** power)).toBe(power * 32 - 1);
  }
  for (let power = -60; power < 900; power += 7) {
    expect(bucketOf(2 ** power * (1 + Number.EPSILON))).toBe(power * 32);
  }
});

test('the middle of a bucket is as far from its lowest value as from its highest', () => {
  const high = boundOf(100);
  const low = boundOf(99);
  const middle = middleOf(100, 5);
  expect((high - middle) / high).toBeCloseTo((middle - low) / low, 12);
  expect((high - middle) / high).toBeLessThan(0.01084);
});
