import { describe, expect, it } from 'vitest';
import { leakSuspicion } from '../../src/trends/leak-suspicion.ts';
import { normal, seriesOf } from './noise.ts';

const MB = 1024 * 1024;
/** Ten samples a second. */
const STEP = 100;

describe('leakSuspicion', () => {
  it('sees 1 MB a minute within ten minutes under noise of 20 %, and when the limit is reached', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const noise = normal(seed);
      const series = seriesOf(6000, STEP, (_, seconds) => (100 + seconds / 60 + 20 * noise()) * MB);
      const found = leakSuspicion(series, { limit: 200 * MB });
      expect((found?.slope ?? 0) * 60).toBeGreaterThan(0.5 * MB);
      expect((found?.slope ?? 0) * 60).toBeLessThan(1.5 * MB);
      expect(found?.confidence).toBeGreaterThan(0.6);
      expect(found?.forecast.reachedIn).toBeGreaterThan(45 * 60_000);
      expect(found?.forecast.reachedIn).toBeLessThan(200 * 60_000);
    }
  });

  it('sees a leak under the saw-tooth of collections', () => {
    const series = seriesOf(
      6000,
      STEP,
      (index, seconds) => (80 + seconds / 30 + (index % 73)) * MB,
    );
    expect(leakSuspicion(series)?.slope).toBeGreaterThan(0);
  });

  it('suspects neither noise nor waves nor a saw-tooth', () => {
    const noise = normal(7);
    const series = [
      seriesOf(6000, STEP, () => (100 + 20 * noise()) * MB),
      seriesOf(6000, STEP, (_, seconds) => (100 + 28 * Math.sin(seconds / 12)) * MB),
      seriesOf(6000, STEP, (index) => (80 + (index % 73)) * MB),
    ];
    expect(series.map((one) => leakSuspicion(one))).toEqual([undefined, undefined, undefined]);
  });

  it('suspects no cache that has filled up', () => {
    const filling = seriesOf(6000, STEP, (_, seconds) => (50 + Math.min(seconds, 300)) * MB);
    expect(leakSuspicion(filling)).toBeUndefined();
  });

  it('suspects nothing that was watched for too short, or grows by a trifle', () => {
    const short = seriesOf(600, STEP, (_, seconds) => (50 + seconds) * MB);
    const trifle = seriesOf(6000, STEP, (_, seconds) => (500 + seconds / 600) * MB);
    expect([leakSuspicion(short), leakSuspicion(trifle)]).toEqual([undefined, undefined]);
    expect(leakSuspicion(short, { minSpan: 30_000 })).toBeDefined();
  });
});

it('a rise that is nearly straight is a leak whose limit is foretold, though what is beside the line is no noise', () => {
  const series = seriesOf(
    3000,
    STEP,
    (_, seconds) => (50 + seconds / 3 + Math.sin(seconds / 40)) * MB,
  );
  const found = leakSuspicion(series, { limit: 250 * MB });
  expect(found?.forecast.trend.p).toBeGreaterThan(1e-4);
  expect((found?.forecast.reachedIn ?? 0) / 60_000).toBeCloseTo(5, 0);
});
