import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberSet } from '../src/number-set.ts';

const BOUND = 40_000;

test('it holds what a Set would hold, and knows the largest', () => {
  const operation = fc.record({
    add: fc.boolean(),
    // Few enough to meet again, and far enough apart to need every level.
    number: fc.oneof(
      fc.nat(BOUND - 1),
      fc.constantFrom(0, 1, 31, 32, 1023, 1024, 32_767, 32_768, BOUND - 1),
    ),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
      const model = new Set<number>();
      const set = new NumberSet(BOUND);
      for (const { add, number } of operations) {
        if (add) {
          model.add(number);
          set.add(number);
        } else {
          model.delete(number);
          set.delete(number);
        }
        expect(set.has(number)).toBe(model.has(number));
        expect(set.max()).toBe(model.size === 0 ? undefined : Math.max(...model));
      }
    }),
  );
});
