import {
  checkBoolean,
  checkInteger,
  checkKnown,
  checkNumber,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';

/** What every limiter of this process takes. */
export interface LimiterOptions {
  /** Told in errors, events and snapshots. @default the kind */
  readonly name?: string;
  /**
   * The most keys that something counts against at once. Further ones share one limit among them until a place is
   * free: none of them gets more than its due. @default 100_000
   */
  readonly maxKeys?: number;
  /** How many may wait, over all keys; further ones are refused at once. @default 1000 */
  readonly maxQueue?: number;
  /** The longest wait of a `take` that says nothing about it. @default '30s' */
  readonly timeout?: Duration;
  /**
   * Whether the clock is read at every decision, for three to five times the cost. Otherwise it stands still for a turn of the
   * event loop, at most for 64 decisions, and goes in whole milliseconds. @default false
   */
  readonly precise?: boolean;
  /** The source of time. @default systemClock */
  readonly clock?: Clock;
}

/** How much, how often. */
export interface RateOptions {
  /** How much comes back in each `per`. A number above 0; at most ten million a second. */
  readonly rate: number;
  /** The time that `rate` is for. @default '1s' */
  readonly per?: Duration;
  /** The most that can be taken at once, after a rest. A number of at least 1. @default `rate`, at least 1 */
  readonly burst?: number;
}

/** Options of `tokenBucket`. */
export interface TokenBucketOptions extends LimiterOptions, RateOptions {}

/** Options of `slidingWindow`. */
export interface SlidingWindowOptions extends LimiterOptions {
  /** The most that is taken in any `window`. A number of at least 1. */
  readonly limit: number;
  readonly window: Duration;
  /**
   * In how many parts a window is counted, from 1 to 1000. What was taken counts for up to one part longer than the
   * window; a key takes 8 bytes for each part. @default 10
   */
  readonly precision?: number;
}

/** {@link LimiterOptions} checked and completed. */
export interface LimiterSettings {
  readonly name: string;
  readonly maxKeys: number;
  readonly maxQueue: number;
  readonly timeout: number;
  readonly precise: boolean;
  readonly clock: Clock;
}

/** {@link RateOptions} checked and completed. */
export interface RateSettings {
  /** How much comes back in a millisecond. */
  readonly rate: number;
  readonly burst: number;
}

/** The names of the options in {@link LimiterOptions}. */
const LIMITER_OPTIONS: readonly (keyof LimiterOptions)[] = [
  'name',
  'maxKeys',
  'maxQueue',
  'timeout',
  'precise',
  'clock',
];
/** Above it a `Float64` could not tell one token from the next after some years. A second. */
const HIGHEST_RATE = 1e7;
const LARGEST_BURST = 1e9;
/** A `Map` takes no more. */
const MOST_KEYS = 2 ** 24 - 2;

/** The options that say how fast a limit is. */
export const RATE_OPTIONS: readonly (keyof RateOptions)[] = ['rate', 'per', 'burst'];

/** @throws ConfigError naming the option that is not right */
export function resolveTokenBucket(
  options: TokenBucketOptions,
): LimiterSettings & { readonly rate: RateSettings } {
  checkKnown('tokenBucket', options, [...RATE_OPTIONS, ...LIMITER_OPTIONS]);
  return {
    ...resolveLimiter('tokenBucket', options, 'token-bucket'),
    rate: resolveRate('tokenBucket', options),
  };
}

/** @throws ConfigError naming the option that is not right */
export function resolveSlidingWindow(options: SlidingWindowOptions): LimiterSettings & {
  readonly limit: number;
  readonly window: number;
  readonly precision: number;
} {
  checkKnown('slidingWindow', options, ['limit', 'window', 'precision', ...LIMITER_OPTIONS]);
  const { limit, window, precision = 10 } = options;
  return {
    ...resolveLimiter('slidingWindow', options, 'sliding-window'),
    limit: checkNumber('slidingWindow.limit', limit, 1, LARGEST_BURST),
    window: toMilliseconds('slidingWindow.window', window),
    precision: checkInteger('slidingWindow.precision', precision, { max: 1000 }),
  };
}

/** @throws ConfigError naming the option that is not right */
export function resolveRate(what: string, { rate, per = 1000, burst }: RateOptions): RateSettings {
  const span = toMilliseconds(`${what}.per`, per);
  const highest = (HIGHEST_RATE / 1000) * span;
  if (!Number.isFinite(rate) || rate <= 0 || rate > highest) {
    throw new ConfigError(
      `${what}.rate`,
      rate,
      `a number above 0, at most ${highest} for ${span} ms`,
    );
  }
  return {
    rate: rate / span,
    burst: checkNumber(`${what}.burst`, burst ?? Math.max(1, rate), 1, LARGEST_BURST),
  };
}

/** @throws ConfigError when it is no number of at least 0 */
export function checkCost(cost: number, option = 'cost'): number {
  return checkNumber(option, cost, 0, Number.MAX_VALUE);
}

/** @param kind names the limiter that has no name */
function resolveLimiter(what: string, options: LimiterOptions, kind: string): LimiterSettings {
  return {
    name: checkString(`${what}.name`, options.name ?? kind),
    maxKeys: checkInteger(`${what}.maxKeys`, options.maxKeys ?? 100_000, { max: MOST_KEYS }),
    maxQueue: checkInteger(`${what}.maxQueue`, options.maxQueue ?? 1000, { min: 0 }),
    timeout: toMilliseconds(`${what}.timeout`, options.timeout ?? 30_000, {
      min: 0,
      infinite: true,
    }),
    precise: checkBoolean(`${what}.precise`, options.precise ?? false),
    clock: options.clock ?? systemClock,
  };
}
