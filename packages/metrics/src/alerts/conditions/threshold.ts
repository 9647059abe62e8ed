import { checkFunction, checkNumber, ConfigError } from '@perf/core';
import type { ThresholdRule } from '../alert-rule.ts';
import { MISSING, type Condition } from './condition.ts';

/** @throws ConfigError naming the option that is refused */
export function threshold(option: string, rule: ThresholdRule): Condition {
  const { value: read, unit = '' } = rule;
  checkFunction(`${option}.value`, read);
  const { limit, isAbove } = limitOf(option, rule);
  const clear = rule.clear ?? limit;
  checkNumber(
    `${option}.clear`,
    clear,
    isAbove ? -Number.MAX_VALUE : limit,
    isAbove ? limit : Number.MAX_VALUE,
  );
  return {
    words: `${isAbove ? 'above' : 'below'} ${limit}${unit === '' ? '' : ` ${unit}`}`,
    read() {
      const value = read();
      if (value === undefined || !Number.isFinite(value)) return MISSING;
      if (isAbove ? value > limit : value < limit) return { judgement: 'breach', value };
      return {
        judgement: (isAbove ? value <= clear : value >= clear) ? 'clear' : 'between',
        value,
      };
    },
  };
}

function limitOf(
  option: string,
  { above, below }: ThresholdRule,
): { readonly limit: number; readonly isAbove: boolean } {
  if ((above === undefined) === (below === undefined)) {
    throw new ConfigError(option, { above, below }, 'given one of `above` and `below`');
  }
  const [name, limit] = above === undefined ? ['below', below] : ['above', above];
  return {
    limit: checkNumber(`${option}.${name}`, limit as number, -Number.MAX_VALUE, Number.MAX_VALUE),
    isAbove: above !== undefined,
  };
}
