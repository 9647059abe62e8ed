import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpectedSize } from '../../src/batcher/expected-size.ts';

describe('how many keys are waited for', () => {
  it('is from one to the largest batch, whatever happens', () => {
    const step = fc.oneof(
      fc.constant<['late']>(['late']),
      fc.constant<['reached']>(['reached']),
      fc.tuple(fc.constant('missed' as const), fc.nat(200)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step), (max, steps) => {
        const expected = new ExpectedSize(max);
        for (const [what, count = 0] of steps) {
          if (what === 'late') expected.cameLate();
          else if (what === 'reached') expected.reached();
          else expected.missed(count);
          expect(expected.size).toBeGreaterThanOrEqual(1);
          expect(expected.size).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  it('doubles while that many come', () => {
    const expected = new ExpectedSize(100);
    const sizes: number[] = [];
    for (let batch = 0; batch < 8; batch++) {
      expected.cameLate();
      sizes.push(expected.size);
      expected.reached();
    }
    expect(sizes).toEqual([2, 4, 8, 16, 32, 64, 100, 100]);
  });

  it('is tried more and more rarely where it is in vain', () => {
    const expected = new ExpectedSize(100);
    let trials = 0;
    for (let batch = 0; batch < 5000; batch++) {
      expected.cameLate();
      if (expected.size > 1) {
        trials++;
        expected.missed(1);
      } else expected.reached();
    }
    expect(trials).toBeLessThan(16);
    expect(trials).toBeGreaterThan(5);
  });
});
