import {
  checkInteger,
  checkKnown,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import { CONDITIONS, RULES, type PoolCondition, type Thresholds } from './conditions.ts';

/** Options of `createPoolMonitor`. */
export interface PoolMonitorOptions {
  /** How often the pool is looked at. @default '5s' */
  readonly interval?: Duration | undefined;
  /** How many samples are kept. @default 720: an hour of the default interval */
  readonly history?: number | undefined;
  /** What is judged: the samples of so long. @default '30s', or two intervals */
  readonly window?: Duration | undefined;
  /** Which values make a pool degraded or unhealthy, by condition, in its unit. @default as in the README */
  readonly thresholds?: Readonly<Partial<Record<PoolCondition, Partial<Thresholds>>>> | undefined;
  /** How many samples in a row have to say that something is worse. @default 2 */
  readonly raiseAfter?: number | undefined;
  /** How many samples in a row have to say that something is better. @default 6 */
  readonly clearAfter?: number | undefined;
  /** @default `systemClock` */
  readonly clock?: Clock | undefined;
}

/** {@link PoolMonitorOptions}, checked. Times are milliseconds. */
export interface PoolMonitorSettings {
  readonly interval: number;
  readonly history: number;
  readonly window: number;
  readonly thresholds: Readonly<Partial<Record<PoolCondition, Thresholds>>>;
  readonly raiseAfter: number;
  readonly clearAfter: number;
  readonly clock: Clock;
}

const KIND = 'poolMonitor';

/** @throws {@link ConfigError} naming the option that is refused */
export function poolMonitorSettings(options: PoolMonitorOptions): PoolMonitorSettings {
  checkKnown(KIND, options, [
    'interval',
    'history',
    'window',
    'thresholds',
    'raiseAfter',
    'clearAfter',
    'clock',
  ]);
  const interval = toMilliseconds(`${KIND}.interval`, options.interval ?? '5s');
  const window = options.window ?? Math.max(30_000, 2 * interval);
  return {
    interval,
    history: checkInteger(`${KIND}.history`, options.history ?? 720, { max: 100_000 }),
    window: toMilliseconds(`${KIND}.window`, window, { min: interval }),
    thresholds: thresholdsOf(options.thresholds ?? {}),
    raiseAfter: checkInteger(`${KIND}.raiseAfter`, options.raiseAfter ?? 2),
    clearAfter: checkInteger(`${KIND}.clearAfter`, options.clearAfter ?? 6),
    clock: options.clock ?? systemClock,
  };
}

/** Each with its other half by default. */
function thresholdsOf(
  given: NonNullable<PoolMonitorOptions['thresholds']>,
): PoolMonitorSettings['thresholds'] {
  const kind = `${KIND}.thresholds`;
  checkKnown(kind, given, CONDITIONS);
  const all: Partial<Record<PoolCondition, Thresholds>> = {};
  for (const condition of CONDITIONS) {
    const own = given[condition];
    if (own === undefined) continue;
    checkKnown(`${kind}.${condition}`, own, ['degraded', 'unhealthy']);
    const both = { ...RULES[condition].thresholds, ...own };
    for (const level of ['degraded', 'unhealthy'] as const) {
      // NaN is refused, too.
      if (!(both[level] > 0)) {
        throw new ConfigError(`${kind}.${condition}.${level}`, both[level], 'a number above 0');
      }
    }
    if (both.unhealthy < both.degraded) {
      const expected = `at least that of degraded, ${both.degraded}`;
      throw new ConfigError(`${kind}.${condition}.unhealthy`, both.unhealthy, expected);
    }
    all[condition] = both;
  }
  return all;
}
