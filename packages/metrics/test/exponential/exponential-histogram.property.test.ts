import { seededRandom } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExponentialHistogram } from '../../src/exponential/exponential-histogram.ts';

const ALLOWED = 0.0109;
const PARTS = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

/** What a percentile is by definition: nearest rank. */
function exact(sorted: readonly number[], part: number): number {
  return sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] as number;
}

function histogramOf(values: readonly number[]): ExponentialHistogram {
  const histogram = new ExponentialHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function expectClose(actual: number, wanted: number): void {
  const error = wanted === 0 ? Math.abs(actual) : Math.abs(actual - wanted) / wanted;
  expect(error, `${actual} instead of ${wanted}`).toBeLessThanOrEqual(ALLOWED);
}

const random = seededRandom(7);
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const distributions: Readonly<Record<string, () => number>> = {
  uniform: random,
  lognormal: () => Math.exp(normal()),
  pareto: () => (1 - random()) ** (-1 / 1.5),
  bimodal: () => (random() < 0.7 ? 0.01 + 0.001 * random() : 2 + random()),
  exponential: () => -Math.log(1 - random()),
  'whole numbers': () => Math.floor(random() * 1000),
};

describe('a percentile is at most 1.1 % off', () => {
  test.each(Object.entries(distributions))('%s', (_, draw) => {
    const values = Array.from({ length: 20_000 }, draw);
    const histogram = histogramOf(values);
    const sorted = values.toSorted((a, b) => a - b);
    for (const part of PARTS) expectClose(histogram.percentile(part), exact(sorted, part));
  });

  test('of any numbers within 64 powers of two', () => {
    const number = fc.double({ min: 2 ** -32, max: 2 ** 31, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 200 }), (values) => {
        const histogram = histogramOf(values);
        const sorted = values.toSorted((a, b) => a - b);
        expect(histogram.scale).toBe(5);
        for (const part of PARTS) expectClose(histogram.percentile(part), exact(sorted, part));
      }),
    );
  });
});

const anyNumber = fc.oneof(
  fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
  fc.constantFrom(0, -0, 5e-324, 2 ** -64, 1, 2, 4, Number.MAX_VALUE, Number.MIN_VALUE),
);

test('any finite numbers: nothing is lost, memory is bounded, and percentiles are as good as the scale says', () => {
  fc.assert(
    fc.property(fc.array(anyNumber, { minLength: 1, maxLength: 100 }), (values) => {
      const histogram = histogramOf(values);
      const sorted = values.toSorted((a, b) => a - b);
      const inBuckets = histogram.counts.reduce((sum, count) => sum + count, 0);
      expect(inBuckets + histogram.zeroes).toBe(values.length);
      expect(histogram.counts.length).toBeLessThanOrEqual(2048);
      const base = 2 ** (2 ** -histogram.scale);
      for (const part of PARTS) {
        const wanted = exact(sorted, part);
        if (wanted < 2 ** -64) continue;
        const error = Math.abs(histogram.percentile(part) - wanted) / wanted;
        expect(error).toBeLessThanOrEqual(((base - 1) / (base + 1)) * 1.001);
      }
    }),
  );
});

test('merged histograms are the histogram of all observations', () => {
  const list = fc.array(anyNumber, { maxLength: 60 });
  fc.assert(
    fc.property(list, list, list, (a, b, c) => {
      const merged = histogramOf(a);
      merged.merge(histogramOf(b));
      merged.merge(histogramOf(c));
      const all = histogramOf([...a, ...b, ...c]);
      expect(bucketsOf(merged, merged.scale)).toEqual(bucketsOf(all, merged.scale));
      expect(merged.zeroes).toBe(all.zeroes);
      expect(merged.count).toBe(all.count);
      expect(merged.min).toBe(all.min);
      expect(merged.max).toBe(all.max);
    }),
  );
});

/** The counts by bucket, at a scale that is as coarse or coarser. */
function bucketsOf(histogram: ExponentialHistogram, scale: number): Map<number, number> {
  const buckets = new Map<number, number>();
  histogram.counts.forEach((count, at) => {
    if (count === 0) return;
    const bucket = (at + histogram.offset) >> (histogram.scale - scale);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  });
  return new Map([...buckets].toSorted(([a], [b]) => a - b));
}
