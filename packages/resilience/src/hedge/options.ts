import {
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

/** How many hedges there may be. */
export interface HedgeBudgetOptions {
  /** In the long run, hedges are at most this part of the calls; from 0 to 1. @default 0.1 */
  readonly share?: number;
  /** How many hedges there may be beyond that at once, saved up by calls that needed none. @default 10 */
  readonly burst?: number;
}

/** Options of `hedge`. */
export interface HedgeOptions extends PolicyOptions {
  /**
   * After how long a call that has not ended is started a second time; `{ percentile }` of the times that first attempts took
   * lately, once there are twenty of them, and at least `min` (1 ms). @default { percentile: 0.95 }
   */
  readonly delay?: Duration | { readonly percentile?: number; readonly min?: Duration };
  /** How many attempts there are beside the first, each a delay after the one before. @default 1 */
  readonly maxHedges?: number;
  readonly budget?: HedgeBudgetOptions;
}

/** {@link HedgeOptions}, checked and with their defaults. */
export interface HedgeSettings extends PolicySettings {
  readonly delay: number | { readonly percentile: number; readonly min: number };
  readonly maxHedges: number;
  readonly share: number;
  readonly burst: number;
}

/** @throws `ConfigError` naming the first option that is refused */
export function hedgeSettings(options: HedgeOptions): HedgeSettings {
  const settings = policySettings('hedge', options, ['delay', 'maxHedges', 'budget']);
  const { budget = {} } = options;
  checkKnown('hedge.budget', budget, ['share', 'burst']);
  return {
    ...settings,
    delay: resolveDelay(options.delay ?? {}),
    maxHedges: checkInteger('hedge.maxHedges', options.maxHedges ?? 1, { max: 10 }),
    share: checkNumber('hedge.budget.share', budget.share ?? 0.1, 0, 1),
    burst: checkInteger('hedge.budget.burst', budget.burst ?? 10, { min: 0 }),
  };
}

function resolveDelay(delay: NonNullable<HedgeOptions['delay']>): HedgeSettings['delay'] {
  if (typeof delay !== 'object') return toMilliseconds('hedge.delay', delay);
  checkKnown('hedge.delay', delay, ['percentile', 'min']);
  const { percentile = 0.95 } = delay;
  if (!(percentile > 0 && percentile < 1)) {
    throw new ConfigError('hedge.delay.percentile', percentile, 'a number between 0 and 1');
  }
  return { percentile, min: toMilliseconds('hedge.delay.min', delay.min ?? 1) };
}
