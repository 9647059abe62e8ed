import { ConfigError } from './errors.ts';
import { expectedMeasure, type Measure } from './measure.ts';

/** A span of time: milliseconds, or a number with a unit such as `'250ms'`, `'1.5s'`, `'5m'`, `'2h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** Bounds of {@link toMilliseconds}. */
export interface DurationLimits {
  /** The smallest value taken, in milliseconds. @default 1 */
  readonly min?: number;
  /** The largest value taken, in milliseconds. @default no limit */
  readonly max?: number;
  /** Whether `Infinity` is taken. @default false */
  readonly infinite?: boolean;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ms: 1n,
  s: 1000n,
  m: 60_000n,
  h: 3_600_000n,
  d: 86_400_000n,
};
const FORM = /^(\d{1,15})(?:\.(\d{1,9}))?(ms|s|m|h|d)$/;
const MEASURE: Measure = {
  name: 'a duration',
  counted: 'whole milliseconds',
  units: Object.keys(UNITS).join(', '),
  examples: [
    ['500', 500],
    [`'5m'`, 300_000],
    [`'2s'`, 2000],
    [`'50ms'`, 50],
    [`'5ms'`, 5],
    [`'2d'`, 172_800_000],
  ],
};
const BILLION = 1_000_000_000n;

/**
 * A duration in whole milliseconds.
 * @param option the option's path, for the error
 * @throws {@link ConfigError} when it is malformed, negative, NaN, not a whole number of
 * milliseconds, or out of bounds
 */
export function toMilliseconds(
  option: string,
  value: Duration,
  limits: DurationLimits = {},
): number {
  const { min = 1, max = Number.MAX_SAFE_INTEGER, infinite = false } = limits;
  const milliseconds = typeof value === 'string' ? parse(value) : value;
  if (milliseconds === Infinity && infinite) return Infinity;
  if (!Number.isSafeInteger(milliseconds) || milliseconds < min || milliseconds > max) {
    throw new ConfigError(option, value, expectedMeasure(MEASURE, min, max, infinite));
  }
  return milliseconds;
}

/** Exact, so that `'1.001s'` is 1001 and a fraction of a millisecond is told from an error of rounding. */
function parse(text: string): number {
  const [, whole = '', fraction = '', unit = ''] = FORM.exec(text) ?? [];
  const billionths = BigInt(whole + fraction.padEnd(9, '0')) * (UNITS[unit] ?? 0n);
  return unit !== '' && billionths % BILLION === 0n ? Number(billionths / BILLION) : Number.NaN;
}
