import { expect, test } from 'vitest';
import { mean, quantile } from '../../src/harness/statistics.ts';
import { weightsOf } from '../../src/hit/weights.ts';

test('weights follow from the key alone', () => {
  expect(weightsOf(50)).toEqual(weightsOf(1000).subarray(0, 50));
});

test('their logarithms are normal: median 1,000 bytes, one in 44 above two deviations', () => {
  const weights = [...weightsOf(100_000)];
  expect(quantile(weights, 0.5) / 1000).toBeCloseTo(1, 1);
  const logarithms = weights.map((weight) => Math.log(weight / 1000));
  const deviation = Math.sqrt(mean(logarithms.map((logarithm) => logarithm ** 2)));
  expect(deviation).toBeCloseTo(1.2, 1);
  const above = logarithms.filter((logarithm) => logarithm > 2 * 1.2).length;
  expect(above / weights.length).toBeCloseTo(0.0228, 2);
  expect(Math.min(...weights)).toBeGreaterThanOrEqual(1);
});
