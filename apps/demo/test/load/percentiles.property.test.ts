import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile } from '../../src/load/percentiles.ts';

const values = fc.float64Array({ minLength: 1, maxLength: 200, noNaN: true });

test('at least p % do not exceed the p th percentile, and no smaller value has that property', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (unsorted, percent) => {
      const sorted = unsorted.toSorted();
      const result = percentile(sorted, percent);
      const partUpTo = (limit: number): number =>
        sorted.filter((value) => value <= limit).length / sorted.length;
      expect(partUpTo(result)).toBeGreaterThanOrEqual(percent / 100 - 1e-12);
      for (const smaller of sorted.filter((value) => value < result)) {
        expect(partUpTo(smaller)).toBeLessThan(percent / 100);
      }
    }),
  );
});
