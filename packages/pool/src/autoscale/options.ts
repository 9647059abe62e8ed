import {
  checkInteger,
  checkKnown,
  checkNumber,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import type { PoolStats } from '../statistics/pool-stats.ts';

/** Options of `createPoolAutoscaler`. */
export interface PoolAutoscalerOptions {
  /** The limit never falls below this. @default the pool's `min`, or 1 */
  readonly min?: number | undefined;
  /** The limit never rises above this. @default the pool's `max` */
  readonly max?: number | undefined;
  /** The limit at the start. @default a quarter of `max`, within the bounds */
  readonly initial?: number | undefined;
  /** How often the limit may change; the pool is looked at four times meanwhile. @default '1s' */
  readonly interval?: Duration | undefined;
  /** Which part of the limit should be out at the most when it is lowered. @default 0.8 */
  readonly utilization?: number | undefined;
  /** For how long a higher limit must not have been needed before it is lowered. @default '1m' */
  readonly lowerAfter?: Duration | undefined;
  /** How long a limit stays after another has been tried in vain; doubled each time. @default '30s' */
  readonly hold?: Duration | undefined;
  /** The longest such time. @default '10m' */
  readonly maxHold?: Duration | undefined;
  /** @default `systemClock` */
  readonly clock?: Clock | undefined;
}

/** {@link PoolAutoscalerOptions}, checked. Times are milliseconds. */
export interface PoolAutoscalerSettings {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  readonly interval: number;
  readonly utilization: number;
  readonly lowerAfter: number;
  readonly hold: number;
  readonly maxHold: number;
  readonly clock: Clock;
}

/** How often the pool is looked at in an interval. */
export const LOOKS = 4;

const KIND = 'poolAutoscaler';

/** @throws {@link ConfigError} naming the option that is refused */
export function poolAutoscalerSettings(
  stats: PoolStats,
  options: PoolAutoscalerOptions,
): PoolAutoscalerSettings {
  checkKnown(KIND, options, [
    'min',
    'max',
    'initial',
    'interval',
    'utilization',
    'lowerAfter',
    'hold',
    'maxHold',
    'clock',
  ]);
  const max = checkInteger(`${KIND}.max`, options.max ?? stats.max, { max: stats.max });
  const min = checkInteger(`${KIND}.min`, options.min ?? Math.min(max, Math.max(1, stats.min)), {
    max,
  });
  const initial = options.initial ?? Math.max(min, Math.ceil(max / 4));
  const interval = toMilliseconds(`${KIND}.interval`, options.interval ?? '1s', { min: LOOKS });
  const hold = toMilliseconds(`${KIND}.hold`, options.hold ?? '30s', { min: interval });
  const maxHold = options.maxHold ?? Math.max(hold, 600_000);
  return {
    min,
    max,
    initial: checkInteger(`${KIND}.initial`, initial, { min, max }),
    interval,
    utilization: checkNumber(`${KIND}.utilization`, options.utilization ?? 0.8, 0.1, 1),
    lowerAfter: toMilliseconds(`${KIND}.lowerAfter`, options.lowerAfter ?? '1m', { min: interval }),
    hold,
    maxHold: toMilliseconds(`${KIND}.maxHold`, maxHold, { min: hold }),
    clock: options.clock ?? systemClock,
  };
}
