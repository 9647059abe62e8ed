import { describe, expect, it } from 'vitest';
import {
  errorPercent,
  mostAtOnce,
  ratesOver,
} from '../../../src/resilience/limiters/admissions.ts';

describe('admissions', () => {
  it('the most at once is what a stretch has above what came back in it', () => {
    expect(mostAtOnce([0, 0, 0], 0.1)).toBe(3);
    expect(mostAtOnce([0, 10, 20, 30], 0.1)).toBe(1);
    expect(mostAtOnce([0, 500, 500, 501], 0.1)).toBeCloseTo(2.9);
    expect(mostAtOnce([], 0.1)).toBe(0);
  });

  it('the error is held against the burst and the rate', () => {
    const times = Array.from({ length: 110 }, (_, index) => index);
    expect(errorPercent({ span: 100, offered: 0, times }, 1, 10)).toBeCloseTo(0);
    expect(errorPercent({ span: 100, offered: 0, times: times.slice(0, 55) }, 1, 10)).toBeCloseTo(
      -50,
    );
  });

  it('rates are counted by stretches, without the last that is not whole', () => {
    expect(ratesOver([0, 1, 99, 100, 250], 100, 250)).toEqual([30, 10]);
  });
});
