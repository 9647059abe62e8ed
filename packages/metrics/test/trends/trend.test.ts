import { describe, expect, it } from 'vitest';
import { trend } from '../../src/trends/trend.ts';
import { normal, seriesOf } from './noise.ts';

describe('trend', () => {
  it('tells the slope of a line in units a second, and that it is no chance', () => {
    const found = trend(seriesOf(400, 500, (_, seconds) => 10 + 3 * seconds));
    expect(found).toMatchObject({ direction: 'rising', samples: 400, span: 199_500, tau: 1 });
    expect(found.slope).toBeCloseTo(3, 9);
    expect(found.change).toBeCloseTo(598.5, 6);
    expect(found.p).toBeLessThan(1e-6);
    expect(trend(seriesOf(400, 500, (_, seconds) => -3 * seconds)).direction).toBe('falling');
  });

  it('sees a slope through noise that is larger than what it adds between two values', () => {
    const noise = normal(1);
    const found = trend(seriesOf(2000, 100, (_, seconds) => 0.05 * seconds + 3 * noise()));
    expect(found.direction).toBe('rising');
    expect(found.slopeLow).toBeLessThan(0.05);
    expect(found.slopeHigh).toBeGreaterThan(0.05);
  });

  it('takes outliers in a fifth of the time for what they are', () => {
    const found = trend(
      seriesOf(1000, 100, (index, seconds) => 2 * seconds + (index % 100 < 20 ? 1e6 : 0)),
      { blocks: 50 },
    );
    expect(found.slope).toBeGreaterThan(1.5);
    expect(found.slope).toBeLessThan(2.5);
  });

  it('finds none in noise, nor in waves, nor where nothing changes', () => {
    const noise = normal(2);
    const series = [
      seriesOf(2000, 100, () => 100 + 20 * noise()),
      seriesOf(2000, 100, (_, seconds) => 100 + 20 * Math.sin(seconds / 5)),
      seriesOf(2000, 100, () => 5),
    ];
    expect(series.map((one) => trend(one).direction)).toEqual(['none', 'none', 'none']);
  });

  it('is wrong about noise as rarely as it says, also where values depend on those before them', () => {
    const wrong = (dependence: number): number => {
      let rising = 0;
      for (let seed = 1; seed <= 300; seed++) {
        const noise = normal(seed * 31);
        let last = noise();
        const one = seriesOf(400, 1000, () => {
          last = dependence * last + Math.sqrt(1 - dependence ** 2) * noise();
          return last;
        });
        if (trend(one, { significance: 0.02 }).direction !== 'none') rising++;
      }
      return rising / 300;
    };
    expect(wrong(0)).toBeLessThan(0.04);
    expect(wrong(0.9)).toBeLessThan(0.04);
  });

  it('says nothing of fewer than eight points, of none, and of values that are no numbers', () => {
    expect(trend(seriesOf(7, 1000, (index) => index))).toMatchObject({
      direction: 'none',
      p: 1,
      level: 6,
      samples: 7,
    });
    expect(trend({ times: [], values: [] })).toMatchObject({ direction: 'none', samples: 0 });
    expect(trend(seriesOf(100, 1000, () => Number.NaN))).toMatchObject({
      direction: 'none',
      samples: 0,
    });
    const holes = trend(seriesOf(400, 1000, (index) => (index % 2 === 0 ? Number.NaN : index)));
    expect(holes).toMatchObject({ direction: 'rising', samples: 200 });
    expect(holes.slope).toBeCloseTo(1, 6);
  });

  it('says nothing of values that all have the same time', () => {
    const found = trend({
      times: Array.from({ length: 50 }, () => 5),
      values: Array.from({ length: 50 }, (_, index) => index),
    });
    expect(found.direction).toBe('none');
  });
});
