import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdaptiveSize } from '../../src/batcher/adaptive-size.ts';

describe('the limit of a batch’s size', () => {
  it('stays within its bounds, falls only after slow batches, and grows only after full quick ones', () => {
    const batch = fc.record({
      fill: fc.double({ min: 0, max: 1, noNaN: true }),
      elapsed: fc.nat(200),
      timedOut: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 50, max: 500 }),
        fc.array(batch, { maxLength: 200 }),
        (min, max, batches) => {
          const size = new AdaptiveSize(min, max, 100);
          expect(size.limit).toBe(max);
          for (const { fill, elapsed, timedOut } of batches) {
            const before = size.limit;
            const count = Math.ceil(fill * before);
            size.loaded(count, elapsed, timedOut);
            expect(size.limit).toBeGreaterThanOrEqual(min);
            expect(size.limit).toBeLessThanOrEqual(max);
            const slow = timedOut || elapsed > 100;
            if (slow) expect(size.limit).toBeLessThanOrEqual(before);
            else if (count < before) expect(size.limit).toBe(before);
            else expect(size.limit).toBeGreaterThanOrEqual(before);
          }
        },
      ),
    );
  });

  it('settles near the size that takes the target time', () => {
    const size = new AdaptiveSize(1, 1000, 100);
    const limits: number[] = [];
    for (let batch = 0; batch < 500; batch++) {
      size.loaded(size.limit, size.limit / 2, false);
      limits.push(size.limit);
    }
    for (const limit of limits.slice(100)) {
      expect(limit).toBeGreaterThan(140);
      expect(limit).toBeLessThan(230);
    }
  });
});
