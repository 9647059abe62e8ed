import {
  checkFunction,
  checkInteger,
  checkKnown,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';

/** Options of `createHistory`. */
export interface HistoryOptions {
  /** How often values are noted. @default '15s' */
  readonly interval?: Duration | undefined;
  /** For how long they are kept. @default '1h' */
  readonly retention?: Duration | undefined;
  /** Series that are kept; further ones are not. @default 1000 */
  readonly maxSeries?: number | undefined;
  /** Which metrics are kept, by name. @default all */
  readonly keep?: ((name: string) => boolean) | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** {@link HistoryOptions}, checked. */
export interface HistorySettings {
  /** In milliseconds. */
  readonly interval: number;
  /** How many values are kept of each series. */
  readonly steps: number;
  readonly maxSeries: number;
  readonly keep: (name: string) => boolean;
  readonly clock: Clock;
}

const MAX_STEPS = 100_000;

/** @throws {@link ConfigError} when an option does not exist or is refused */
export function historySettings(options: HistoryOptions): HistorySettings {
  checkKnown('createHistory', options, ['interval', 'retention', 'maxSeries', 'keep', 'clock']);
  const { maxSeries = 1000, keep = () => true, clock = systemClock } = options;
  const interval = toMilliseconds('interval', options.interval ?? '15s');
  const retention = toMilliseconds('retention', options.retention ?? '1h');
  const steps = Math.floor(retention / interval) + 1;
  if (steps < 2 || steps > MAX_STEPS) {
    const expected = `1 to ${MAX_STEPS - 1} times the interval of ${interval} ms`;
    throw new ConfigError('retention', options.retention ?? '1h', expected);
  }
  checkInteger('maxSeries', maxSeries, { max: 1_000_000 });
  return { interval, steps, maxSeries, keep: checkFunction('keep', keep), clock };
}
