import { condense, quantileOf, type Series } from './series.ts';

/** A time from which on a series keeps to another level. */
export interface ChangePoint {
  /** The first time of the new level, as exactly as the points that the series is looked at as allow. */
  readonly time: number;
  /** The medians of both sides, as far as the next change. */
  readonly before: number;
  readonly after: number;
  /** How probable so much of a change would be by chance. */
  readonly p: number;
}

/** Options of {@link changePoints}. */
export interface ChangePointOptions {
  /** How probable a change may be by chance and still count. @default 0.001 */
  readonly significance?: number;
  /** As how many points the series is looked at. @default 120 */
  readonly blocks?: number;
  /** The most that are looked for. @default 5 */
  readonly max?: number;
}

/** A level is at least so many points long. */
const SHORTEST = 4;

/**
 * Where a series steps from one level to another: the test of Pettitt (Applied Statistics 28, 1979), which compares ranks and so does not mind
 * outliers, on the whole and then on both sides of what it finds. In the order of time; a slope without steps is found as
 * one in its middle, so ask {@link trend} as well.
 */
export function changePoints(
  series: Series,
  options: ChangePointOptions = {},
): readonly ChangePoint[] {
  const { significance = 0.001, blocks = 120, max = 5 } = options;
  const { times, values } = condense(series, blocks, 'mean');
  const found: Split[] = [];
  const open: (Split | undefined)[] = [split(values, 0, values.length)];
  while (found.length < max) {
    let best: Split | undefined;
    for (const one of open) if (one !== undefined && one.p < (best?.p ?? significance)) best = one;
    if (best === undefined) break;
    open.splice(
      open.indexOf(best),
      1,
      split(values, best.from, best.at),
      split(values, best.at, best.to),
    );
    found.push(best);
  }
  found.sort((a, b) => a.at - b.at);
  const edges = [0, ...found.map(({ at }) => at), values.length];
  const level = (index: number): number =>
    quantileOf(values.slice(edges[index], edges[index + 1]), 0.5);
  return found.map(({ at, p }, index) => ({
    time: times[at] ?? Number.NaN,
    before: level(index),
    after: level(index + 1),
    p,
  }));
}

interface Split {
  readonly from: number;
  /** The first of the second part. */
  readonly at: number;
  readonly to: number;
  readonly p: number;
}

/** The likeliest change between two points; `undefined` where there is no room for one. */
function split(values: readonly number[], from: number, to: number): Split | undefined {
  const n = to - from;
  if (n < 2 * SHORTEST) return undefined;
  let statistic = 0;
  let most = 0;
  let at = from;
  for (let index = from; index < to - SHORTEST; index++) {
    // U(t) = U(t − 1) + Σ sign(x_t − x_j) over all others.
    for (let other = from; other < to; other++) {
      statistic += Math.sign((values[index] ?? 0) - (values[other] ?? 0));
    }
    if (index - from + 1 >= SHORTEST && Math.abs(statistic) > most) {
      most = Math.abs(statistic);
      at = index + 1;
    }
  }
  return { from, at, to, p: Math.min(1, 2 * Math.exp((-6 * most ** 2) / (n ** 3 + n ** 2))) };
}
