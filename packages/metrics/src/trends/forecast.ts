import type { Series } from './series.ts';
import { trend, type Trend, type TrendOptions } from './trend.ts';

/** When a series reaches a limit, if it goes on as it does. */
export interface Forecast {
  readonly limit: number;
  /** Milliseconds from the last value on; 0 when it is there, `Infinity` when it does not go there, or may do so by chance. */
  readonly reachedIn: number;
  /** By the steepest and the flattest slope that the data allow, with a confidence of 95 %. */
  readonly earliest: number;
  readonly latest: number;
  /** What it is taken from. */
  readonly trend: Trend;
}

/**
 * When the trend of a series crosses a limit, from below or from above.
 * @param from on which side the allowed values lie: `'below'` for a limit that must not be exceeded
 */
export function forecast(
  series: Series,
  limit: number,
  from: 'below' | 'above' = 'below',
  options: TrendOptions = {},
): Forecast {
  const found = trend(series, options);
  const sign = from === 'below' ? 1 : -1;
  const distance = sign * (limit - found.level);
  const [steep, flat] =
    sign > 0 ? [found.slopeHigh, found.slopeLow] : [-found.slopeLow, -found.slopeHigh];
  const goesThere = found.direction === (sign > 0 ? 'rising' : 'falling');
  const at = (slope: number): number => {
    if (distance <= 0) return 0;
    return goesThere && slope > 0 ? (distance / slope) * 1000 : Infinity;
  };
  return {
    limit,
    reachedIn: at(sign * found.slope),
    earliest: at(steep),
    latest: at(flat),
    trend: found,
  };
}
