import { describe, expect, it } from 'vitest';
import { forecast } from '../../src/trends/forecast.ts';
import { normal, seriesOf } from './noise.ts';

describe('forecast', () => {
  const rising = seriesOf(600, 1000, (_, seconds) => 100 + 2 * seconds);

  it('tells when a line reaches a limit, from below or from above', () => {
    // The line's last point is the mean of the last stretch: half a stretch before the end.
    expect(forecast(rising, 2000).reachedIn / 1000).toBeGreaterThan(340);
    expect(forecast(rising, 2000).reachedIn / 1000).toBeLessThan(362);
    const falling = seriesOf(600, 1000, (_, seconds) => 5000 - seconds);
    expect(forecast(falling, 0, 'above').reachedIn / 1000).toBeCloseTo(4401, -2);
  });

  it('is 0 beyond the limit, and never on the way away from it', () => {
    expect(forecast(rising, 200).reachedIn).toBe(0);
    expect(forecast(rising, 100, 'above').reachedIn).toBe(Infinity);
  });

  it('is never where a slope may be chance', () => {
    const noise = normal(5);
    expect(
      forecast(
        seriesOf(600, 1000, () => noise()),
        100,
      ),
    ).toMatchObject({
      reachedIn: Infinity,
      earliest: Infinity,
      latest: Infinity,
    });
  });

  it('lies between the earliest and the latest, which noise takes apart', () => {
    const noise = normal(6);
    const { earliest, reachedIn, latest } = forecast(
      seriesOf(600, 1000, (_, seconds) => 2 * seconds + 200 * noise()),
      10_000,
    );
    expect(earliest).toBeLessThan(reachedIn);
    expect(reachedIn).toBeLessThan(latest);
    expect(latest).toBeLessThan(Infinity);
  });
});
