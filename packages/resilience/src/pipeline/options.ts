import { ConfigError, toMilliseconds, type Duration, type Policy } from '@perf/core';
import { circuitBreaker, type CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts';
import type { CircuitBreakerOptions } from '../circuit-breaker/options.ts';
import { policySettings, type PolicyOptions } from '../execution/base-policy.ts';
import type { RandomOption } from '../execution/random-source.ts';
import type { RateLimitOptions } from '../rate-limit/options.ts';
import { rateLimit } from '../rate-limit/rate-limit.ts';
import type { RetryOptions } from '../retry/options.ts';
import { retryBudget } from '../retry/retry-budget.ts';
import { retry } from '../retry/retry.ts';
import { timeout } from '../timeout/timeout.ts';

/** Options of {@link standard}. `name`, `clock` and `random` hold for all of its policies. */
export interface StandardOptions extends PolicyOptions, RandomOption {
  /** How many calls there may be; calls above that are refused before anything else. @default no limit */
  readonly rateLimit?: Omit<RateLimitOptions, 'name' | 'clock'> | undefined;
  /** How long a call may take with all its tries and waits. @default '10s' */
  readonly timeout?: Duration | undefined;
  /** @default three tries, exponential back-off, transient errors, a budget of a fifth of the calls */
  readonly retry?: Omit<RetryOptions, 'name' | 'clock' | 'random'> | undefined;
  /** A breaker that others use as well, or options of one. @default that of `circuitBreaker()` */
  readonly circuitBreaker?:
    | CircuitBreaker
    | Omit<CircuitBreakerOptions, 'name' | 'clock' | 'random'>
    | undefined;
  /** How long one try may take. @default '3s', or `timeout` when that is shorter */
  readonly attemptTimeout?: Duration | undefined;
}

/** The policies of {@link standard}, outermost first, and their name. */
export interface StandardPolicies {
  readonly name: string;
  readonly policies: readonly Policy[];
}

const KIND = 'standard';
const KNOWN = ['random', 'rateLimit', 'timeout', 'retry', 'circuitBreaker', 'attemptTimeout'];
const DEFAULT_ATTEMPT = 3000;

/** @throws {@link ConfigError} naming the option that is refused */
export function standardPolicies(options: StandardOptions): StandardPolicies {
  const { name, clock } = policySettings(KIND, options, KNOWN);
  const base = { name, clock };
  const spread = { ...base, random: options.random };
  const total = toMilliseconds(`${KIND}.timeout`, options.timeout ?? '10s');
  const attempt = toMilliseconds(
    `${KIND}.attemptTimeout`,
    options.attemptTimeout ?? Math.min(DEFAULT_ATTEMPT, total),
    { max: total },
  );
  const policies: Policy[] = [
    timeout({ ...base, after: total }),
    retry({ budget: retryBudget({ clock }), ...options.retry, ...spread }),
    breakerOf(options.circuitBreaker ?? {}, spread),
    timeout({ ...base, after: attempt }),
  ];
  if (options.rateLimit !== undefined) {
    policies.unshift(rateLimit({ ...options.rateLimit, ...base }));
  }
  return { name, policies };
}

function breakerOf(
  breaker: NonNullable<StandardOptions['circuitBreaker']>,
  spread: CircuitBreakerOptions,
): CircuitBreaker {
  if (typeof breaker !== 'object') {
    throw new ConfigError(
      `${KIND}.circuitBreaker`,
      breaker,
      'a circuit breaker, or options of one',
    );
  }
  return 'execute' in breaker ? breaker : circuitBreaker({ ...breaker, ...spread });
}
