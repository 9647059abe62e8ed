import {
  checkFunction,
  checkInteger,
  ConfigError,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';
import { randomSource, type RandomOption } from '../execution/random-source.ts';
import { backoffSource, type Backoff, type NextDelay } from './backoff.ts';
import { retryAfterOf } from './retry-after.ts';
import type { RetryBudget } from './retry-budget.ts';
import { isTransientError } from './transient/is-transient.ts';

/** Options of {@link retry}. */
export interface RetryOptions extends PolicyOptions, RandomOption {
  /** How often the function is called at the most, the first time included; `Infinity` for until the waits end. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** How long to wait before each further try. @default exponential from 100 ms to 10 s, with full jitter */
  readonly backoff?: Backoff | undefined;
  /**
   * Whether to try again after this error. Aborts by the caller are not asked about. One of these three that throws is reported by
   * `process.emitWarning` as a `PerfClassifierError`, and says no.
   * @default {@link isTransientError}
   */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /** Whether to try again after this value, such as a response of status 503. @default never */
  readonly retryIfValue?: ((value: unknown) => boolean) | undefined;
  /** How long the other side wants us to wait, in milliseconds: never shortened. @default {@link retryAfterOf} */
  readonly retryAfter?: ((result: unknown, clock: Clock) => number | undefined) | undefined;
  /** When it wants more than this, there is no further try. @default '1m' */
  readonly maxRetryAfter?: Duration | undefined;
  /** Shared by all who call the same thing: without it, retries multiply the load of a service in trouble. @default none */
  readonly budget?: RetryBudget | undefined;
}

/** {@link RetryOptions}, checked. */
export interface RetrySettings extends PolicySettings {
  readonly maxAttempts: number;
  readonly delays: () => NextDelay;
  readonly retryIf: (error: unknown) => boolean;
  readonly retryIfValue: ((value: unknown) => boolean) | undefined;
  readonly retryAfter: (result: unknown, clock: Clock) => number | undefined;
  readonly maxRetryAfter: number;
  readonly budget: RetryBudget | undefined;
}

const KIND = 'retry';
const KNOWN = [
  'random',
  'maxAttempts',
  'backoff',
  'retryIf',
  'retryIfValue',
  'retryAfter',
  'maxRetryAfter',
  'budget',
];

/** @throws {@link ConfigError} naming the option that is refused */
export function retrySettings(options: RetryOptions): RetrySettings {
  const settings = policySettings(KIND, options, KNOWN);
  const { retryIfValue, budget } = options;
  const random = randomSource(`${KIND}.random`, options.random);
  if (retryIfValue !== undefined) checkFunction(`${KIND}.retryIfValue`, retryIfValue);
  if (budget !== undefined && typeof budget.tryWithdraw !== 'function') {
    throw new ConfigError(`${KIND}.budget`, budget, 'a RetryBudget, such as retryBudget()');
  }
  return {
    ...settings,
    maxAttempts: checkInteger(`${KIND}.maxAttempts`, options.maxAttempts ?? 3, { infinite: true }),
    delays: backoffSource(`${KIND}.backoff`, options.backoff ?? {}, random),
    retryIf: checkFunction(`${KIND}.retryIf`, options.retryIf ?? isTransientError),
    retryIfValue,
    retryAfter: checkFunction(`${KIND}.retryAfter`, options.retryAfter ?? retryAfterOf),
    maxRetryAfter: toMilliseconds(`${KIND}.maxRetryAfter`, options.maxRetryAfter ?? '1m', {
      min: 0,
      infinite: true,
    }),
    budget,
  };
}
