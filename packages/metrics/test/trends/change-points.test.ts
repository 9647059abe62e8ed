import { describe, expect, it } from 'vitest';
import { changePoints } from '../../src/trends/change-points.ts';
import { normal, seriesOf } from './noise.ts';

describe('changePoints', () => {
  it('finds each step between levels, and what they were', () => {
    const noise = normal(3);
    const found = changePoints(
      seriesOf(
        600,
        1000,
        (_, seconds) => (seconds < 200 ? 20 : seconds < 400 ? 80 : 50) + 5 * noise(),
      ),
    );
    expect(found.map(({ time }) => Math.round(time / 10_000))).toEqual([20, 40]);
    expect(
      found.map(({ before, after }) => [Math.round(before / 5), Math.round(after / 5)]),
    ).toEqual([
      [4, 16],
      [16, 10],
    ]);
  });

  it('finds none in noise, with outliers, in constants or in too little', () => {
    const noise = normal(4);
    const series = [
      seriesOf(600, 1000, () => 5 * noise()),
      seriesOf(600, 1000, (index) => (index % 97 === 0 ? 1e6 : noise())),
      seriesOf(600, 1000, () => 7),
      seriesOf(7, 1000, (index) => (index < 4 ? 0 : 100)),
      seriesOf(0, 1000, () => 0),
    ];
    expect(series.map((one) => changePoints(one))).toEqual([[], [], [], [], []]);
  });

  it('looks for no more than it is asked to', () => {
    const stairs = seriesOf(600, 1000, (_, seconds) => Math.floor(seconds / 100) ** 2);
    expect(changePoints(stairs, { max: 2 })).toHaveLength(2);
  });
});
