import { describe, expect, it } from 'vitest';
import { condense, quantileOf } from '../../src/trends/series.ts';
import { seriesOf } from './noise.ts';

describe('condense', () => {
  it('makes a point of each equal stretch of time', () => {
    expect(
      condense(
        seriesOf(12, 1000, (index) => index),
        3,
        'mean',
      ),
    ).toEqual({
      times: [1500, 5500, 9500],
      values: [1.5, 5.5, 9.5],
      samples: 12,
      span: 11_000,
    });
  });

  it('leaves out stretches without values, and values that are no numbers', () => {
    const times = [0, 1, 2, 3, 96, 97, 98, 99, 100];
    const values = [1, Number.NaN, 3, Infinity, 5, 5, 5, 5, 5];
    const { values: points, samples } = condense({ times, values }, 10, 'mean');
    expect(points).toEqual([2, 5]);
    expect(samples).toBe(7);
  });

  it('follows the floor of a saw-tooth by a low quantile', () => {
    const saw = seriesOf(1000, 100, (index, seconds) => seconds + (index % 20) * 10);
    const floor = condense(saw, 10, 0);
    expect(floor.values.map(Math.round)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it('drops the tenth at either end of each stretch', () => {
    const { values } = condense(
      seriesOf(100, 100, (index) => (index % 10 === 3 ? 1e9 : 1)),
      5,
      'mean',
    );
    expect(values).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('quantileOf', () => {
  it('interpolates, and is NaN of nothing', () => {
    expect([quantileOf([4, 1, 3, 2], 0.5), quantileOf([7], 0.9), quantileOf([], 0.5)]).toEqual([
      2.5,
      7,
      Number.NaN,
    ]);
  });
});
