import { expect, test } from 'vitest';
import { mean, median, quantile, shuffled } from '../../src/harness/statistics.ts';

test('the median is the middle number, or the mean of the middle two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 6])).toBe(5.5);
});

test('a quantile lies between its neighbours in proportion', () => {
  const numbers = [40, 10, 30, 20, 50];
  expect(quantile(numbers, 0)).toBe(10);
  expect(quantile(numbers, 0.25)).toBe(20);
  expect(quantile(numbers, 0.3)).toBeCloseTo(22);
  expect(quantile(numbers, 1)).toBe(50);
  expect(numbers).toEqual([40, 10, 30, 20, 50]);
});

test('of no numbers there is neither a median nor a mean', () => {
  expect(median([])).toBeNaN();
  expect(mean([])).toBeNaN();
  expect(mean([1, 2, 6])).toBe(3);
});

test('shuffling keeps the items and follows the random numbers', () => {
  const items = ['a', 'b', 'c', 'd'];
  expect(shuffled(items, () => 0)).toEqual(['b', 'c', 'd', 'a']);
  expect(shuffled(items, () => 0.999)).toEqual(items);
});
