import {
  checkFunction,
  checkInteger,
  checkKnown,
  checkNumber,
  ConfigError,
  toMilliseconds,
  type Duration,
} from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';
import type { Classifier } from '../execution/outcome.ts';
import { randomSource, type RandomOption } from '../execution/random-source.ts';

/** Over which calls rates are taken: the last so many, or those of the last so long. */
export type BreakerWindow =
  | { readonly calls: number }
  | {
      readonly time: Duration;
      /** In how many steps old calls are forgotten. @default 10 */
      readonly buckets?: number | undefined;
    };

/** Options of {@link circuitBreaker}. With several thresholds, the first that is reached opens it. */
export interface CircuitBreakerOptions extends PolicyOptions, RandomOption {
  /** Opens after so many failures in a row. @default off */
  readonly consecutiveFailures?: number | undefined;
  /** Opens when at least this part of the calls in the window failed: above 0, at most 1. @default 0.5, off where another threshold is given */
  readonly failureRate?: number | undefined;
  /** Opens when at least this part of the calls in the window was slow. Needs `slowCallDuration`. @default off */
  readonly slowCallRate?: number | undefined;
  /** From which duration on a call is slow, whether it fails or not. Costs two readings of the clock per call. */
  readonly slowCallDuration?: Duration | undefined;
  /** @default the last 10 seconds */
  readonly window?: BreakerWindow | undefined;
  /** No rate opens it while the window has fewer calls. @default 20, or the size of a smaller window of calls */
  readonly minimumThroughput?: number | undefined;
  /** How long it stays open, the first time. @default '5s' */
  readonly openPeriod?: Duration | undefined;
  /** How many times as long it stays open after each failed recovery. @default 2 */
  readonly openPeriodFactor?: number | undefined;
  /** The most. @default '1m', or `openPeriod` when that is longer */
  readonly maxOpenPeriod?: Duration | undefined;
  /** Which part of the open period is left to chance, so that a fleet does not probe in step: 0.2 is 80 to 100 % of it. @default 0.2 */
  readonly openPeriodJitter?: number | undefined;
  /** How many calls are let through to try whether it works again. The others are refused meanwhile. @default 3 */
  readonly probes?: number | undefined;
  /** How many of them must succeed for it to close; it opens again once that is out of reach. @default all */
  readonly successThreshold?: number | undefined;
  /** A probe that has not settled by then has failed. The call itself goes on. @default '10s' */
  readonly probeTimeout?: Duration | undefined;
  /** How long it lets through only a part of the calls after a recovery, from a tenth to all. 0 for all at once. @default 0 */
  readonly rampUp?: Duration | undefined;
  /** What counts as a failure. @default rejections, but for aborts by the caller and refusals of other policies */
  readonly classify?: Classifier | undefined;
}

/** {@link CircuitBreakerOptions}, checked. */
export interface BreakerSettings extends PolicySettings {
  readonly random: () => number;
  /** `Infinity` for a threshold that is off. */
  readonly consecutiveFailures: number;
  readonly failureRate: number;
  readonly slowCallRate: number;
  readonly slowCallDuration: number;
  readonly window: { readonly calls: number } | { readonly time: number; readonly buckets: number };
  readonly minimumThroughput: number;
  readonly openPeriod: number;
  readonly openPeriodFactor: number;
  readonly maxOpenPeriod: number;
  readonly openPeriodJitter: number;
  readonly probes: number;
  readonly successThreshold: number;
  readonly probeTimeout: number;
  readonly rampUp: number;
  readonly classify: Classifier | undefined;
}

const KIND = 'circuitBreaker';
const KNOWN = [
  'random',
  'consecutiveFailures',
  'failureRate',
  'slowCallRate',
  'slowCallDuration',
  'window',
  'minimumThroughput',
  'openPeriod',
  'openPeriodFactor',
  'maxOpenPeriod',
  'openPeriodJitter',
  'probes',
  'successThreshold',
  'probeTimeout',
  'rampUp',
  'classify',
];
const DEFAULT_MAX_OPEN_PERIOD = 60_000;
const MAX_WINDOW_CALLS = 10_000_000;
const MAX_PROBES = 1000;
const MAX_BUCKETS = 1000;

/** @throws {@link ConfigError} naming the option that is refused */
export function breakerSettings(options: CircuitBreakerOptions): BreakerSettings {
  const settings = policySettings(KIND, options, KNOWN);
  const probes = checkInteger(`${KIND}.probes`, options.probes ?? 3, { max: MAX_PROBES });
  const openPeriod = toMilliseconds(`${KIND}.openPeriod`, options.openPeriod ?? '5s');
  const { classify } = options;
  if (classify !== undefined) checkFunction(`${KIND}.classify`, classify);
  return {
    ...settings,
    ...thresholds(options),
    random: randomSource(`${KIND}.random`, options.random),
    openPeriod,
    openPeriodFactor: checkNumber(
      `${KIND}.openPeriodFactor`,
      options.openPeriodFactor ?? 2,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    maxOpenPeriod: toMilliseconds(
      `${KIND}.maxOpenPeriod`,
      options.maxOpenPeriod ?? Math.max(openPeriod, DEFAULT_MAX_OPEN_PERIOD),
      { min: openPeriod },
    ),
    openPeriodJitter: checkNumber(
      `${KIND}.openPeriodJitter`,
      options.openPeriodJitter ?? 0.2,
      0,
      1,
    ),
    probes,
    successThreshold: checkInteger(`${KIND}.successThreshold`, options.successThreshold ?? probes, {
      max: probes,
    }),
    probeTimeout: toMilliseconds(`${KIND}.probeTimeout`, options.probeTimeout ?? '10s'),
    rampUp: toMilliseconds(`${KIND}.rampUp`, options.rampUp ?? 0, { min: 0 }),
    classify,
  };
}

function thresholds(
  options: CircuitBreakerOptions,
): Pick<
  BreakerSettings,
  | 'consecutiveFailures'
  | 'failureRate'
  | 'slowCallRate'
  | 'slowCallDuration'
  | 'window'
  | 'minimumThroughput'
> {
  const { consecutiveFailures, failureRate, slowCallRate, slowCallDuration } = options;
  if ((slowCallRate === undefined) !== (slowCallDuration === undefined)) {
    throw slowCallRate === undefined
      ? new ConfigError(`${KIND}.slowCallRate`, slowCallRate, 'given, as slowCallDuration is')
      : new ConfigError(`${KIND}.slowCallDuration`, slowCallDuration, 'given, as slowCallRate is');
  }
  const isOnlyRate = consecutiveFailures === undefined && slowCallRate === undefined;
  const window = windowOf(options.window ?? { time: '10s' });
  const most = 'calls' in window ? window.calls : Number.MAX_SAFE_INTEGER;
  return {
    consecutiveFailures:
      consecutiveFailures === undefined
        ? Infinity
        : checkInteger(`${KIND}.consecutiveFailures`, consecutiveFailures),
    failureRate: rate('failureRate', failureRate ?? (isOnlyRate ? 0.5 : undefined)),
    slowCallRate: rate('slowCallRate', slowCallRate),
    slowCallDuration:
      slowCallDuration === undefined
        ? Infinity
        : toMilliseconds(`${KIND}.slowCallDuration`, slowCallDuration),
    window,
    minimumThroughput: checkInteger(
      `${KIND}.minimumThroughput`,
      options.minimumThroughput ?? Math.min(20, most),
      { max: most },
    ),
  };
}

function windowOf(window: BreakerWindow): BreakerSettings['window'] {
  const option = `${KIND}.window`;
  checkKnown(option, window, ['calls', 'time', 'buckets']);
  if ('calls' in window === 'time' in window) {
    throw new ConfigError(option, window, 'of `calls` or of `time`, such as { time: "10s" }');
  }
  if ('calls' in window) {
    return { calls: checkInteger(`${option}.calls`, window.calls, { max: MAX_WINDOW_CALLS }) };
  }
  const buckets = checkInteger(`${option}.buckets`, window.buckets ?? 10, { max: MAX_BUCKETS });
  return { time: toMilliseconds(`${option}.time`, window.time, { min: buckets }), buckets };
}

function rate(option: string, value: number | undefined): number {
  if (value === undefined) return Infinity;
  if (value === 0)
    throw new ConfigError(`${KIND}.${option}`, value, 'above 0, or undefined for off');
  return checkNumber(`${KIND}.${option}`, value, 0, 1);
}
