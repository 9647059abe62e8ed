import { expect, test } from 'vitest';
import { perSecond } from '../../../src/profiler/readers/rate.ts';

test('an amount is told per second', () => {
  expect(perSecond(500, 250)).toBe(2000);
});

test('without time, or when a total fell, the rate is not known', () => {
  expect(perSecond(5, 0)).toBeNaN();
  expect(perSecond(-5, 100)).toBeNaN();
  expect(perSecond(Number.NaN, 100)).toBeNaN();
});
