import { seededRandom } from '@perf/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HedgeBudget } from '../../src/hedge/hedge-budget.ts';
import { ObservedDelay } from '../../src/hedge/observed-delay.ts';

describe('an observed percentile', () => {
  it('lies within 10 % above the exact one of the same times', () => {
    const time = fc.double({ min: 0.02, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(time, { minLength: 32, maxLength: 900 }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99),
        (times, percentile) => {
          const observed = new ObservedDelay(percentile, 1e-9);
          for (const one of times) observed.record(one);
          const sorted = times.toSorted((a, b) => a - b);
          // Those above the percentile, counted as the estimate counts them.
          const above = Math.floor(sorted.length * (1 - percentile) + 1e-9);
          const exact = sorted[sorted.length - 1 - above] ?? 0;
          expect(observed.delay).toBeGreaterThanOrEqual(exact * 0.999);
          expect(observed.delay).toBeLessThanOrEqual(exact * 1.1);
        },
      ),
    );
  });

  it('takes any time, and is at least its least', () => {
    const observed = new ObservedDelay(0.95, 3);
    for (const time of [0, 1e-9, -5, 1e12, ...Array.from({ length: 60 }, () => 0.5)]) {
      observed.record(time);
    }
    expect(observed.delay).toBe(3);
  });

  it('follows times that change', () => {
    const random = seededRandom(1);
    const observed = new ObservedDelay(0.95, 1);
    const fill = (mean: number): void => {
      for (let call = 0; call < 5000; call++) observed.record(mean * (0.5 + random()));
    };
    fill(10);
    expect(observed.delay).toBeLessThan(17);
    fill(100);
    expect(observed.delay).toBeGreaterThan(130);
    fill(10);
    expect(observed.delay).toBeLessThan(17);
  });
});

describe('a budget', () => {
  it('never gives more than the burst and the share of the calls', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 0.05, 0.1, 0.5, 1),
        fc.nat(5),
        fc.array(fc.boolean(), { maxLength: 500 }),
        (share, burst, steps) => {
          const budget = new HedgeBudget(share, burst);
          let calls = 0;
          let taken = 0;
          for (const isCall of steps) {
            if (isCall) {
              calls++;
              budget.called();
            } else if (budget.take()) taken++;
            expect(taken).toBeLessThanOrEqual(burst + calls * share + 1e-6);
          }
        },
      ),
    );
  });
});
