/** What {@link mannKendall} found. */
export interface MannKendall {
  /** Kendall's S: pairs that rise less pairs that fall. */
  readonly s: number;
  /** Its variance if there were no trend, corrected for ties and for values that depend on those before them. */
  readonly variance: number;
  /** By how much that is larger because values depend on those before them; at least 1. */
  readonly dependence: number;
  /** From −1, each value is below all before it, to 1. */
  readonly tau: number;
  /** S in standard deviations; 0 where nothing varies. */
  readonly z: number;
  /** How probable so much of a trend, rising or falling, would be by chance. */
  readonly p: number;
}

/** A lag counts once its autocorrelation is beyond what chance makes of independent values in nine of ten cases. */
const SIGNIFICANT_LAG = 1.645;

/**
 * Whether values tend to rise or fall (Mann 1945, Kendall 1975): compares all pairs, so neither the distribution nor single outliers matter.
 * `residuals` are the values without their trend: when they depend on each other, as those of every load curve do, fewer of the values
 * count, by the correction of Hamed and Rao (J. Hydrology 204, 1998), at least by that for a dependence that fades with each further value. Negative dependence is not used to claim more.
 */
export function mannKendall(
  values: readonly number[],
  residuals: readonly number[] = values,
): MannKendall {
  const n = values.length;
  let s = 0;
  for (let later = 1; later < n; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      s += Math.sign((values[later] ?? 0) - (values[earlier] ?? 0));
    }
  }
  const dependence = dependenceOf(residuals);
  const variance = varianceOf(values) * dependence;
  const pairs = (n * (n - 1)) / 2;
  const z = variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0;
  return { s, variance, dependence, tau: pairs === 0 ? 0 : s / pairs, z, p: twoSided(z) };
}

/** Of S, for independent values of which some are the same. */
function varianceOf(values: readonly number[]): number {
  const n = values.length;
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  let variance = n * (n - 1) * (2 * n + 5);
  for (const count of ties.values()) variance -= count * (count - 1) * (2 * count + 5);
  return variance / 18;
}

/** By which factor S varies more because values depend on those before them; at least 1. */
function dependenceOf(residuals: readonly number[]): number {
  const n = residuals.length;
  const ranks = ranksOf(residuals);
  const mean = (n - 1) / 2;
  let total = 0;
  for (const rank of ranks) total += (rank - mean) ** 2;
  if (total === 0) return 1;
  const correlation = (lag: number): number => {
    let together = 0;
    for (let index = lag; index < n; index++) {
      together += ((ranks[index] ?? 0) - mean) * ((ranks[index - lag] ?? 0) - mean);
    }
    return together / total;
  };
  // A line that is fitted to few values takes a part of their dependence with it.
  const next = Math.min(0.98, (n * correlation(1) + 2) / Math.max(1, n - 4));
  let observed = 0;
  let fading = 0;
  for (let lag = 1; lag < n - 2; lag++) {
    const weight = (n - lag) * (n - lag - 1) * (n - lag - 2);
    const at = correlation(lag);
    if (Math.abs(at) * Math.sqrt(n - lag) > SIGNIFICANT_LAG) observed += weight * at;
    fading += weight * Math.max(0, next) ** lag;
  }
  return Math.max(1, 1 + (2 * Math.max(observed, fading)) / (n * (n - 1) * (n - 2)));
}

/** From 0; those that are the same share the mean of their ranks. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = values
    .map((_, index) => index)
    .toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let index = from; index < to; index++) ranks[order[index] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

/** The part of a normal distribution beyond ±z: Abramowitz and Stegun 7.1.26, wrong by at most 1.5e-7. */
function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.min(1, polynomial * Math.exp(-x * x));
}
