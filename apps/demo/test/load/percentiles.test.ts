import { expect, test } from 'vitest';
import { percentile } from '../../src/load/percentiles.ts';

const ofOneToTen = Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

test.each([
  [0, 1],
  [10, 1],
  [10.1, 2],
  [50, 5],
  [95, 10],
  [99, 10],
  [100, 10],
])('the %d th percentile of 1 to 10 is %d', (percent, expected) => {
  expect(percentile(ofOneToTen, percent)).toBe(expected);
});

test('of one value every percentile is that value, of none there is none', () => {
  expect(percentile(Float64Array.of(7), 50)).toBe(7);
  expect(percentile(new Float64Array(), 50)).toBeNaN();
});

test('a percentage outside 0 to 100 is refused', () => {
  expect(() => percentile(ofOneToTen, 101)).toThrow(/percent must be/);
});
