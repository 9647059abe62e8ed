/**
 * Values over time. Both have the same length; times are milliseconds of any clock that does not run backwards, in ascending order. Values
 * that are not finite are left out.
 */
export interface Series {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** One value for each stretch of time; see {@link condense}. */
export interface Condensed {
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** How many values went in. */
  readonly samples: number;
  /** Milliseconds from the first to the last of them. */
  readonly span: number;
}

/**
 * A series as at most `blocks` points: each stands for an equal stretch of time, and is a mean of its values without the
 * tenth at either end, or a quantile of them. What follows each other more quickly than that is no longer told apart: noise is
 * smoothed, and neighbours depend on each other less. Stretches without values are left out.
 * @param by `'mean'`, or a quantile from 0 to 1: a low one follows the floor of a saw-tooth, as a heap's between collections
 */
export function condense(series: Series, blocks: number, by: 'mean' | number): Condensed {
  const { times, values } = series;
  const first = firstFinite(series, 0, 1);
  const last = firstFinite(series, Math.min(times.length, values.length) - 1, -1);
  if (first === undefined || last === undefined) {
    return { times: [], values: [], samples: 0, span: 0 };
  }
  const start = times[first] ?? 0;
  const span = (times[last] ?? 0) - start;
  const width = span / blocks;
  const condensed: { times: number[]; values: number[] } = { times: [], values: [] };
  let samples = 0;
  let block: number[] = [];
  let current = 0;
  let timeSum = 0;
  const flush = (): void => {
    if (block.length === 0) return;
    condensed.times.push(timeSum / block.length);
    condensed.values.push(by === 'mean' ? trimmedMean(block) : quantileOf(block, by));
    samples += block.length;
    block = [];
    timeSum = 0;
  };
  for (let index = first; index <= last; index++) {
    const value = values[index];
    if (value === undefined || !Number.isFinite(value)) continue;
    const offset = (times[index] ?? 0) - start;
    const belongs = width > 0 ? Math.min(blocks - 1, Math.floor(offset / width)) : 0;
    if (belongs !== current) flush();
    current = belongs;
    block.push(value);
    timeSum += start + offset;
  }
  flush();
  return { ...condensed, samples, span };
}

/** The quantile by linear interpolation; NaN of nothing. Does not change the values. */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const rank = quantile * (sorted.length - 1);
  const low = Math.floor(rank);
  const below = sorted[low] ?? Number.NaN;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN;
  return below + (above - below) * (rank - low);
}

function trimmedMean(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  const cut = Math.floor(sorted.length / 10);
  const kept = sorted.subarray(cut, sorted.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

function firstFinite({ values }: Series, from: number, step: 1 | -1): number | undefined {
  for (let index = from; index >= 0 && index < values.length; index += step) {
    if (Number.isFinite(values[index])) return index;
  }
  return undefined;
}
