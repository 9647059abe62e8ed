import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mannKendall } from '../../src/trends/mann-kendall.ts';
import { theilSen } from '../../src/trends/theil-sen.ts';

/** Few different ones, so that many are the same. */
const values = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 30 });

describe('mannKendall', () => {
  it('is independent of any transformation that keeps the order', () => {
    fc.assert(
      fc.property(values, (some) => {
        const { s, tau } = mannKendall(some);
        const cubed = mannKendall(some.map((value) => value ** 3 + 7));
        expect([cubed.s, cubed.tau]).toEqual([s, tau]);
      }),
    );
  });

  it('says the opposite of values in the opposite order', () => {
    fc.assert(
      fc.property(values, (some) => {
        expect(mannKendall(some.toReversed()).s + mannKendall(some).s).toBe(0);
      }),
    );
  });

  it('has the variance that S has over all orders of the values', () => {
    const permutations = (rest: readonly number[]): number[][] =>
      rest.length === 0
        ? [[]]
        : rest.flatMap((one, index) =>
            permutations(rest.toSpliced(index, 1)).map((more) => [one, ...more]),
          );
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 6 }),
        (some) => {
          const all = permutations(some).map((order) => mannKendall(order).s);
          const variance = all.reduce((sum, s) => sum + s * s, 0) / all.length;
          const { variance: told, dependence } = mannKendall(some);
          expect(told / dependence).toBeCloseTo(variance, 6);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('theilSen', () => {
  it('finds the line that all points but a quarter lie on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 8, max: 40 }),
        fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 40, maxLength: 40 }),
        (slope, intercept, length, wrong) => {
          const times = Array.from({ length }, (_, index) => index);
          const line = times.map((time) => intercept + slope * time);
          const spoilt = Math.floor(length / 4);
          const found = theilSen(
            times,
            line.map((value, index) => (index < spoilt ? (wrong[index] ?? 0) : value)),
          );
          expect(found?.slope).toBeCloseTo(slope, 6);
          expect(found?.intercept).toBeCloseTo(intercept, 6);
        },
      ),
    );
  });

  it('has none for a single time', () => {
    expect(theilSen([3, 3, 3], [1, 2, 3])).toBeUndefined();
  });
});
