import { seededRandom } from '@perf/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

function draw(seed: number, count: number): number[] {
  return Array.from({ length: count }, seededRandom(seed));
}

test('the same seed gives the same numbers in [0, 1), another seed others', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const numbers = draw(seed, 20);
      expect(draw(seed, 20)).toEqual(numbers);
      expect(draw(seed + 1, 20)).not.toEqual(numbers);
      for (const number of numbers) expect(number >= 0 && number < 1).toBe(true);
    }),
  );
});

test('the numbers are those of mulberry32', () => {
  expect(draw(1, 3).map((number) => Math.floor(number * 2 ** 32))).toEqual([
    2_693_262_067, 11_749_833, 2_265_367_787,
  ]);
});

test('the numbers are spread evenly', () => {
  const buckets = Array.from({ length: 10 }, () => 0);
  for (const number of draw(42, 100_000)) {
    const bucket = Math.floor(number * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
