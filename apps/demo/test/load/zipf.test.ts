import { seededRandom } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { zipf } from '../../src/load/zipf.ts';

function countDraws(draw: () => number, ranks: number, draws: number): readonly number[] {
  const counts = Array.from({ length: ranks }, () => 0);
  for (let n = 0; n < draws; n++) {
    const rank = draw();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}

test('rank r is drawn in proportion to 1 / (r + 1)^exponent', () => {
  for (const exponent of [0, 0.7, 1, 2]) {
    const draws = 200_000;
    const counts = countDraws(zipf(10, exponent, seededRandom(7)), 10, draws);
    const weights = counts.map((_, rank) => (rank + 1) ** -exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [rank, weight] of weights.entries()) {
      const expected = (weight / total) * draws;
      // Five standard deviations; the seed is fixed.
      expect(Math.abs((counts[rank] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  }
});

test('the same seed draws the same ranks, another seed others', () => {
  const [first, again, other] = [1, 1, 2].map((seed) =>
    Array.from({ length: 50 }, zipf(1000, 1, seededRandom(seed))),
  );
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('the ends of the random range give the first and the last rank', () => {
  expect(zipf(5, 1, () => 0)()).toBe(0);
  expect(zipf(5, 1, () => 1 - Number.EPSILON)()).toBe(4);
  expect(zipf(1, 1, () => 0.5)()).toBe(0);
});

test('a count or an exponent that makes no sense is refused', () => {
  expect(() => zipf(0, 1, Math.random)).toThrow(/count must be/);
  expect(() => zipf(10, -1, Math.random)).toThrow(/exponent must be/);
});
