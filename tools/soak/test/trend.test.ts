import { expect, test } from 'vitest';
import { median, trendOf } from '../src/trend.ts';

test('the slope of a line is its slope, whatever a few outliers do', () => {
  const samples = Array.from({ length: 20 }, (_, at) => ({ at, value: 100 + 3 * at }));
  samples[5] = { at: 5, value: 10_000 };
  samples[19] = { at: 19, value: 0 };
  expect(trendOf(samples).slope).toBeCloseTo(3);
  expect(trendOf(samples).growth).toBeCloseTo(57);
});

test('of fewer than two samples there is no trend', () => {
  expect(trendOf([]).slope).toBeNaN();
  expect(trendOf([{ at: 1, value: 1 }]).growth).toBeNaN();
});

test('the median is the middle, or the mean of the middle two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
