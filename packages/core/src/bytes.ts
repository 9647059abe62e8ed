import { ConfigError } from './errors.ts';
import { expectedMeasure, type Measure } from './measure.ts';

/** A size: bytes, or a number with a unit such as `'512b'`, `'64kb'`, `'1.5mb'`, `'2gb'` (1 kb = 1024 bytes). */
export type ByteSize = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`;

/** Bounds of {@link toBytes}. */
export interface ByteSizeLimits {
  /** The smallest value taken, in bytes. @default 1 */
  readonly min?: number;
  /** The largest value taken, in bytes. @default no limit */
  readonly max?: number;
  /** Whether `Infinity` is taken. @default false */
  readonly infinite?: boolean;
}

const UNITS: Readonly<Record<string, bigint>> = {
  b: 1n,
  kb: 1024n,
  mb: 1024n ** 2n,
  gb: 1024n ** 3n,
};
const FORM = /^(\d{1,15})(?:\.(\d{1,9}))?(b|kb|mb|gb)$/;
const MEASURE: Measure = {
  name: 'a size',
  counted: 'whole bytes',
  units: Object.keys(UNITS).join(', '),
  examples: [
    ['65536', 64 * 1024],
    [`'64kb'`, 64 * 1024],
    [`'1mb'`, 1024 ** 2],
    [`'1kb'`, 1024],
    [`'64b'`, 64],
    [`'2gb'`, 2 * 1024 ** 3],
  ],
};
const BILLION = 1_000_000_000n;

/**
 * A size in whole bytes; a fraction of a unit is rounded down.
 * @param option the option's path, for the error
 * @throws {@link ConfigError} when it is malformed, negative, NaN, a fractional number, or out of bounds
 */
export function toBytes(option: string, value: ByteSize, limits: ByteSizeLimits = {}): number {
  const { min = 1, max = Number.MAX_SAFE_INTEGER, infinite = false } = limits;
  const bytes = typeof value === 'string' ? parse(value) : value;
  if (bytes === Infinity && infinite) return Infinity;
  if (!Number.isSafeInteger(bytes) || bytes < min || bytes > max) {
    throw new ConfigError(option, value, expectedMeasure(MEASURE, min, max, infinite));
  }
  return bytes;
}

function parse(text: string): number {
  const [, whole = '', fraction = '', unit = ''] = FORM.exec(text) ?? [];
  const billionths = BigInt(whole + fraction.padEnd(9, '0')) * (UNITS[unit] ?? 0n);
  return unit === '' ? Number.NaN : Number(billionths / BILLION);
}
