import { checkInteger, ConfigError } from '@perf/core';

/** What the calls of a short while told. */
export interface LimitSample {
  /** How long they ran on average, in milliseconds; `undefined` when none of them tells. */
  readonly time: number | undefined;
  /** The most that ran at once. */
  readonly inFlight: number;
  /** How many met an overloaded service: they timed out, or were turned away. */
  readonly overloaded: number;
}

/** Finds out how many calls may run at once. An instance steers one bulkhead. */
export interface ConcurrencyLimit {
  /** A whole number of at least 1. */
  readonly limit: number;
  /** Takes in a sample; the limit may have changed then. Must not throw. */
  update(sample: LimitSample): void;
}

/** Bounds that every algorithm takes. */
export interface LimitBounds {
  /** The limit never falls below this. @default 1 */
  readonly minLimit?: number;
  /** The limit never rises above this. @default 1000 */
  readonly maxLimit?: number;
  /** The limit at the start. @default 20, or the nearest bound */
  readonly initialLimit?: number;
}

/** {@link LimitBounds}, checked and with their defaults. */
export interface ResolvedLimitBounds {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
}

/** @throws `ConfigError` naming the first option that is refused */
export function resolveLimitBounds(kind: string, options: LimitBounds): ResolvedLimitBounds {
  const min = checkInteger(`${kind}.minLimit`, options.minLimit ?? 1);
  const max = checkInteger(`${kind}.maxLimit`, options.maxLimit ?? Math.max(min, 1000));
  if (max < min) throw new ConfigError(`${kind}.maxLimit`, max, `at least minLimit, ${min}`);
  const initial = options.initialLimit ?? Math.min(max, Math.max(min, 20));
  return { min, max, initial: checkInteger(`${kind}.initialLimit`, initial, { min, max }) };
}
