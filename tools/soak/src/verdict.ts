import { median, trendOf, type Sample } from './trend.ts';

/** What is measured now and then. */
export interface Measurement {
  /** In minutes. */
  readonly at: number;
  /** Bytes of heap and external memory after forced collection. */
  readonly held: number;
  /** Sockets, timers, requests under way: whatever could keep a process alive. */
  readonly handles: number;
}

/** The part of the run, from its beginning, in which caches fill and code is compiled. */
const WARM_UP = 1 / 3;
/** Growth over the judged part that passes: a part of what is held, and bytes beside it. */
const RELATIVE_GROWTH = 0.05;
const ABSOLUTE_GROWTH = 1024 * 1024;
const MORE_HANDLES = 10;
/** With fewer, a trend says nothing. */
const FEWEST = 6;

/**
 * Why memory is not flat; empty when it is. Flat: of the measurements after the first third, what is held
 * grows (by the Theil–Sen slope) by no more than 5 % of its median and 1 MiB over their whole span, and of
 * handles there are no more than 10 more in their last third than in their first.
 */
export function findGrowth(measurements: readonly Measurement[]): readonly string[] {
  const judged = measurements.slice(Math.floor(measurements.length * WARM_UP));
  if (judged.length < FEWEST) {
    return [`${judged.length} measurements after the warm-up are too few: let it run longer`];
  }
  const samples = judged.map(({ at, held }): Sample => ({ at, value: held }));
  const { growth, slope, median: usual } = trendOf(samples);
  const findings: string[] = [];
  const allowed = usual * RELATIVE_GROWTH + ABSOLUTE_GROWTH;
  if (!(growth <= allowed)) {
    findings.push(
      `the heap grew by ${megabytes(growth)} (${megabytes(slope)} a minute), more than ${megabytes(allowed)}`,
    );
  }
  const third = Math.floor(judged.length / 3);
  const first = median(judged.slice(0, third).map(({ handles }) => handles));
  const last = median(judged.slice(-third).map(({ handles }) => handles));
  if (last > first + MORE_HANDLES) findings.push(`handles grew from ${first} to ${last}`);
  return findings;
}

/** For people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}
