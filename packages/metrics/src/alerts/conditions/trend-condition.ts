import { checkFunction, checkNumber, ConfigError, toMilliseconds } from '@perf/core';
import { forecast } from '../../trends/forecast.ts';
import { FEWEST_POINTS } from '../../trends/trend.ts';
import type { TrendRule } from '../alert-rule.ts';
import { MISSING, type Condition, type Reading } from './condition.ts';
import { MeanSeries } from './mean-series.ts';

/** It is over once the limit is so much further away than it has to be. */
const CLEAR_AT = 1.5;
/** It is asked again and again: chance must not win now and then. */
const SIGNIFICANCE = 0.001;

/** @throws ConfigError naming the option that is refused */
export function trendCondition(option: string, rule: TrendRule): Condition {
  const { value: read, unit = '' } = rule;
  checkFunction(`${option}.value`, read);
  const { limit, from } = limitOf(option, rule);
  const within = toMilliseconds(`${option}.within`, rule.within);
  const window = toMilliseconds(`${option}.window`, rule.window ?? '1h', { min: 1000 });
  const series = new MeanSeries(window);
  let last: Reading = MISSING;
  return {
    words: `moves so that it reaches ${limit}${unit === '' ? '' : ` ${unit}`} within ${rule.within}`,
    read(now) {
      const value = read();
      if (value === undefined || !Number.isFinite(value)) return MISSING;
      // Nothing else changes until a point is complete.
      if (series.add(now, value)) last = judge();
      return { ...last, value };
    },
  };

  function judge(): Reading {
    const points = series.read();
    if (points.times.length < FEWEST_POINTS) return MISSING;
    const { reachedIn } = forecast(points, limit, from, { significance: SIGNIFICANCE });
    const judgement =
      reachedIn <= within ? 'breach' : reachedIn <= within * CLEAR_AT ? 'between' : 'clear';
    return { judgement, value: Number.NaN };
  }
}

function limitOf(
  option: string,
  { above, below }: TrendRule,
): { readonly limit: number; readonly from: 'above' | 'below' } {
  if ((above === undefined) === (below === undefined)) {
    throw new ConfigError(option, { above, below }, 'given one of `above` and `below`');
  }
  const from = above === undefined ? 'below' : 'above';
  const limit = checkNumber(
    `${option}.${from}`,
    (above ?? below) as number,
    -Number.MAX_VALUE,
    Number.MAX_VALUE,
  );
  return { limit, from };
}
