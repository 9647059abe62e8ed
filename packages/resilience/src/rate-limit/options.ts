import { checkFunction, checkString, ConfigError, toMilliseconds, type Duration } from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';
import type { ExecutionContext } from '../execution/resilience-policy.ts';
import { checkCost, RATE_OPTIONS, type RateOptions } from '../limiters/options.ts';
import type { RateLimiter } from '../limiters/rate-limiter.ts';
import { tokenBucket } from '../limiters/token-bucket.ts';

/** Options of `rateLimit`: either `limiter`, or `rate` and what belongs to it. */
export interface RateLimitOptions extends PolicyOptions, Partial<RateOptions> {
  /** The limiter, which others may use as well; of this process, or in Redis. @default a `tokenBucket` of `rate` */
  readonly limiter?: RateLimiter;
  /** Which limit a call counts against. What the function throws is the call's rejection. @default one for all calls */
  readonly key?: string | ((call: ExecutionContext) => string);
  /** How much a call counts. A number of at least 0. @default 1 */
  readonly cost?: number | ((call: ExecutionContext) => number);
  /** The longest time that a call waits for its turn; it never waits beyond its own deadline. @default 0 */
  readonly wait?: Duration;
}

/** {@link RateLimitOptions}, checked and with their defaults. */
export interface RateLimitSettings extends PolicySettings {
  readonly limiter: RateLimiter;
  readonly key: string | ((call: ExecutionContext) => string);
  readonly cost: number | ((call: ExecutionContext) => number);
  readonly wait: number;
}

const KNOWN: readonly (keyof RateLimitOptions)[] = [
  ...RATE_OPTIONS,
  'limiter',
  'key',
  'cost',
  'wait',
];

/** @throws `ConfigError` naming the first option that is refused */
export function rateLimitSettings(options: RateLimitOptions): RateLimitSettings {
  const settings = policySettings('rateLimit', options, KNOWN);
  const { key = '', cost = 1, wait = 0 } = options;
  if (typeof key !== 'string') checkFunction('rateLimit.key', key);
  else if (key !== '') checkString('rateLimit.key', key);
  const limiter = limiterOf(options, settings);
  if (typeof cost === 'number') checkFixedCost(cost, options, limiter);
  else checkFunction('rateLimit.cost', cost);
  return {
    ...settings,
    limiter,
    key,
    cost,
    wait: toMilliseconds('rateLimit.wait', wait, { min: 0, infinite: true }),
  };
}

function limiterOf(options: RateLimitOptions, { name, clock }: PolicySettings): RateLimiter {
  const { limiter, rate, per, burst } = options;
  if (limiter === undefined) {
    if (rate === undefined) {
      throw new ConfigError('rateLimit.rate', rate, 'given, or a limiter in its place');
    }
    return tokenBucket({
      rate,
      ...(per === undefined ? {} : { per }),
      ...(burst === undefined ? {} : { burst }),
      name,
      clock,
    });
  }
  for (const option of RATE_OPTIONS) {
    if (options[option] !== undefined) {
      throw new ConfigError(`rateLimit.${option}`, options[option], 'absent beside a limiter');
    }
  }
  if (typeof limiter !== 'object' || limiter === null) {
    throw new ConfigError('rateLimit.limiter', limiter, 'a RateLimiter');
  }
  checkFunction('rateLimit.limiter.take', (limiter as { readonly take: () => void }).take);
  return limiter;
}

function checkFixedCost(
  cost: number,
  { limiter: given }: RateLimitOptions,
  own: RateLimiter,
): void {
  checkCost(cost, 'rateLimit.cost');
  if (given !== undefined) return;
  const { limit } = own.check() as { readonly limit: number };
  if (cost > limit) {
    throw new ConfigError(
      'rateLimit.cost',
      cost,
      `at most the burst of ${limit}: it would never run`,
    );
  }
}
