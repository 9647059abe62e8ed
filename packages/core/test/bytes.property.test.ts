import { toBytes } from '@perf/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const UNITS = { b: 1n, kb: 1024n, mb: 1024n ** 2n, gb: 1024n ** 3n } as const;
const unit = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]));

test('a whole number of units is exact, or refused when it is beyond safe integers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999n }), unit, (integer, name) => {
      const bytes = integer * UNITS[name];
      const text = `${integer}${name}` as `${number}kb`;
      if (bytes <= BigInt(Number.MAX_SAFE_INTEGER)) {
        expect(toBytes('size', text, { min: 0 })).toBe(Number(bytes));
      } else {
        expect(() => toBytes('size', text, { min: 0 })).toThrow('size must be');
      }
    }),
    { numRuns: 2000 },
  );
});

test('a fraction of a unit loses less than one byte, and never gains one', () => {
  const hundredths = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(hundredths, unit, (count, name) => {
      const text = `${(count / 100).toFixed(2)}${name}` as `${number}kb`;
      const exact = BigInt(count) * UNITS[name];
      const given = BigInt(toBytes('size', text, { min: 0 })) * 100n;
      expect(given <= exact && exact - given < 100n).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
