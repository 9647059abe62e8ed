import { toMilliseconds } from '@perf/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const UNITS = { ms: 1n, s: 1000n, m: 60_000n, h: 3_600_000n, d: 86_400_000n } as const;
const NANO = 1_000_000_000n;

test('the value is exact to the millisecond, or refused', () => {
  const whole = fc.bigInt({ min: 0n, max: 999_999_999_999_999n });
  const fraction = fc.option(fc.stringMatching(/^\d{1,9}$/), { nil: undefined });
  const unit = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]));
  fc.assert(
    fc.property(whole, fraction, unit, (integer, digits, name) => {
      const text = `${integer}${digits === undefined ? '' : `.${digits}`}${name}` as `${number}s`;
      const nano = (integer * NANO + BigInt((digits ?? '0').padEnd(9, '0'))) * UNITS[name];
      const exact = nano % NANO === 0n && nano / NANO <= BigInt(Number.MAX_SAFE_INTEGER);
      if (exact) expect(toMilliseconds('ttl', text, { min: 0 })).toBe(Number(nano / NANO));
      else expect(() => toMilliseconds('ttl', text, { min: 0 })).toThrow('ttl must be');
    }),
    { numRuns: 5000 },
  );
});

test('what is given as a number comes back as it is, or is refused', () => {
  fc.assert(
    fc.property(fc.double(), fc.nat(), (value, min) => {
      if (Number.isSafeInteger(value) && value >= min)
        expect(toMilliseconds('ttl', value, { min })).toBe(value);
      else expect(() => toMilliseconds('ttl', value, { min })).toThrow('ttl must be');
    }),
  );
});

test('no text breaks it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      try {
        expect(toMilliseconds('ttl', text as '1s')).toSatisfy(Number.isSafeInteger);
      } catch (error) {
        expect(error).toHaveProperty('code', 'PERF_CONFIG');
      }
    }),
  );
});
