import { forecast, type Forecast } from './forecast.ts';
import type { Series } from './series.ts';
import type { Trend } from './trend.ts';

/** Options of {@link leakSuspicion}. */
export interface LeakOptions {
  /** What there is of it: the heap's limit, or the container's; in the unit of the series. @default Infinity */
  readonly limit?: number;
  /** For how long it has to be watched, in milliseconds: what has just started fills its caches. @default 180_000 */
  readonly minSpan?: number;
  /** By which part of its level it has to have grown. @default 0.03 */
  readonly minGrowth?: number;
}

/** Memory that grows as if it were never given back. */
export interface LeakSuspicion {
  /** By how much a second. */
  readonly slope: number;
  /** From 0 to 1: how sure it is that this is no chance, and that it goes on. */
  readonly confidence: number;
  /** When the limit is reached; `Infinity` without one. */
  readonly forecast: Forecast;
}

/**
 * How probable a rise may be by chance: it is asked every few seconds for as long as the process runs, and must not be
 * wrong once in a thousand of such runs.
 */
const SIGNIFICANCE = 1e-4;
/** Above every probability. */
const ANY = 2;
/** What a rise has become in its last third, against what it would be if it were steady: less is a cache that is nearly full. */
const STILL_RISING = 0.35;
/** How far points are from a straight line, in the middle and as a part of what the line rises by. The rise of a wave has 0.03: whoever sees no more of it takes it for a leak. */
const STRAIGHT = 0.05;

/**
 * Whether a series of memory in use looks like a leak: it rises steadily, by more than chance, by more than a trifle, and has not
 * come to rest. The longer the series, the smaller a leak it shows: 1 MB a minute beside noise of 20 MB is seen after about five minutes of ten
 * samples a second. A rise that ends later, as half of a wave that is longer than what was seen, cannot be told from a leak.
 * @returns `undefined` when it does not, or when there is too little of it to tell
 */
export function leakSuspicion(
  series: Series,
  options: LeakOptions = {},
): LeakSuspicion | undefined {
  const { limit = Infinity, minSpan = 180_000, minGrowth = 0.03 } = options;
  // Whether it may be chance is judged here: a forecast must not be withheld for that.
  const whole = forecast(series, limit, 'below', { significance: ANY });
  const { slope, span, level, change, p, dependence } = whole.trend;
  if (!rises(whole.trend) || span < minSpan || change < minGrowth * Math.abs(level)) {
    return undefined;
  }
  const last = forecast(lastThird(series), limit, 'below', { blocks: 20 }).trend;
  // It may be steeper than it seems in so short a time: only what is surely flatter has come to rest.
  if (last.slopeHigh < STILL_RISING * slope) return undefined;
  const chance = Math.max(0, Math.min(1, Math.log10(SIGNIFICANCE / Math.max(p, 1e-300)) / 6));
  const smoothness = 1 / Math.sqrt(dependence);
  return {
    slope,
    confidence: 0.6 + 0.39 * chance * smoothness,
    forecast: whole,
  };
}

/**
 * By more than chance; or so straight that chance is no matter: what is left beside a straight line bends a little, so that its values
 * depend on each other as those of a wave do.
 */
function rises({ slope, p, tau, scatter, change }: Trend): boolean {
  return slope > 0 && (p < SIGNIFICANCE || (tau > 0.85 && scatter < STRAIGHT * change));
}

function lastThird({ times, values }: Series): Series {
  const end = times[times.length - 1] ?? 0;
  const start = end - (end - (times[0] ?? 0)) / 3;
  let index = Math.max(0, times.length - 1);
  while (index > 0 && (times[index - 1] ?? 0) >= start) index--;
  return { times: slice(times, index), values: slice(values, index) };
}

function slice(array: ArrayLike<number>, from: number): ArrayLike<number> {
  return Array.prototype.slice.call(array, from) as number[];
}
