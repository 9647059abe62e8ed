import { condense, quantileOf, type Series } from './series.ts';
import { mannKendall } from './mann-kendall.ts';
import { slopeInterval, theilSen } from './theil-sen.ts';

/** Options of {@link trend}. */
export interface TrendOptions {
  /** How probable a trend may be by chance and still count. @default 0.01 */
  readonly significance?: number;
  /** As how many points the series is looked at. @default 40 */
  readonly blocks?: number;
  /** What a point is: the mean of its values but for the tenth at either end, or a quantile of them. @default 'mean' */
  readonly by?: 'mean' | number;
}

/** Where a series goes. */
export interface Trend {
  /** `none`: what it does may well be chance, or there are fewer than {@link FEWEST_POINTS} points. */
  readonly direction: 'rising' | 'falling' | 'none';
  /** By how much it changes in a second; also told when it may be chance. */
  readonly slope: number;
  /** Between which the slope lies with a confidence of 95 %. */
  readonly slopeLow: number;
  readonly slopeHigh: number;
  /** How probable it would be by chance; 1 for too little data. */
  readonly p: number;
  /** How steadily: from −1, always falling, to 1. */
  readonly tau: number;
  /** The line's value at the last time. */
  readonly level: number;
  /** How many times fewer values count because they depend on those before them: 1 when they do not. */
  readonly dependence: number;
  /** How far a point is from the line, in the middle of all. */
  readonly scatter: number;
  /** By how much the line changes from the first time to the last. */
  readonly change: number;
  /** How many values it was taken from. */
  readonly samples: number;
  /** Milliseconds from the first to the last of them. */
  readonly span: number;
}

/** With fewer points nothing is significant. */
export const FEWEST_POINTS = 8;
const DEFAULTS: Required<TrendOptions> = { significance: 0.01, blocks: 40, by: 'mean' };

/**
 * The slope of a series by Theil and Sen, and by Mann and Kendall whether there is one: neither outliers nor the
 * distribution matter, and values that depend on those before them count for less. Takes microseconds for each thousand values.
 */
export function trend(series: Series, options: TrendOptions = {}): Trend {
  const { significance, blocks, by } = { ...DEFAULTS, ...options };
  const { times, values, samples, span } = condense(series, blocks, by);
  const start = times[0] ?? 0;
  const seconds = times.map((time) => (time - start) / 1000);
  const line = theilSen(seconds, values);
  if (line === undefined || values.length < FEWEST_POINTS) {
    const level = values.at(-1) ?? Number.NaN;
    return { ...nothing, level, samples, span };
  }
  const { slope, intercept } = line;
  const residuals = residualsOf(seconds, values, slope);
  const distances = values.map((value, index) =>
    Math.abs(value - intercept - slope * (seconds[index] ?? 0)),
  );
  const { p, tau, variance, dependence } = mannKendall(values, residuals);
  const { low, high } = slopeInterval(line, variance);
  const isReal = p < significance && slope !== 0;
  return {
    direction: isReal ? (slope > 0 ? 'rising' : 'falling') : 'none',
    slope,
    slopeLow: low,
    slopeHigh: high,
    p,
    tau,
    dependence,
    scatter: quantileOf(distances, 0.5),
    level: intercept + slope * (seconds.at(-1) ?? 0),
    change: (slope * span) / 1000,
    samples,
    span,
  };
}

const nothing = {
  direction: 'none',
  slope: 0,
  slopeLow: 0,
  slopeHigh: 0,
  p: 1,
  tau: 0,
  dependence: 1,
  scatter: 0,
  change: 0,
} as const;

/** Without the trend, and without what is left of rounding: it would seem to depend on what was before it. */
function residualsOf(
  seconds: readonly number[],
  values: readonly number[],
  slope: number,
): number[] {
  const unit = (Math.max(...values) - Math.min(...values)) * 1e-9;
  return values.map((value, index) => {
    const residual = value - slope * (seconds[index] ?? 0);
    return unit > 0 ? Math.round(residual / unit) : 0;
  });
}
