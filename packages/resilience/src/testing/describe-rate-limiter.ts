import { checkFunction, checkKnown } from '@perf/core';
import {
  runLimiterCheck,
  type CreateLimiterSubject,
  type LimiterTraits,
} from './limiter-suite/limiter-check.ts';
import { rateLimiterChecks } from './rate-limiter-checks.ts';
import { registerChecks, type TestRunner } from '@perf/core/testing';

/** Options of {@link describeRateLimiter}. */
export interface DescribeRateLimiterOptions extends LimiterTraits, Partial<TestRunner> {}

const KNOWN: readonly (keyof DescribeRateLimiterOptions)[] = [
  'shared',
  'overshoot',
  'seed',
  'describe',
  'it',
];

/**
 * Registers the tests that every implementation of `AdjustableRateLimiter` has to pass, one `describe` per topic. Works
 * with every runner that has `describe` and `it`: vitest, node:test, Jest, Mocha.
 * @param name titles the tests
 * @param create makes a limiter that is as fast as it is told, for each test
 * @param options what is said of the limiter, and the runner's functions. @default the global `describe` and `it`
 * @throws ConfigError when there is no `describe` or `it`, and naming the option that is not right
 * @example
 * import { describe, it } from 'vitest';
 * import { tokenBucket } from '@perf/resilience';
 * import { describeRateLimiter, ManualClock } from '@perf/resilience/testing';
 *
 * describeRateLimiter('tokenBucket', ({ limit, window }) => {
 *   const clock = new ManualClock();
 *   return {
 *     limiter: tokenBucket({ rate: limit, per: window, burst: limit, clock }),
 *     advance: (milliseconds) => clock.advanceAsync(milliseconds),
 *     cleanup: () => {},
 *   };
 * }, { describe, it });
 */
export function describeRateLimiter(
  name: string,
  create: CreateLimiterSubject,
  options: DescribeRateLimiterOptions = {},
): void {
  checkKnown('describeRateLimiter', options, KNOWN);
  checkFunction('create', create);
  const checks = rateLimiterChecks(options);
  registerChecks(name, checks, (check) => runLimiterCheck(check, create, options), options);
}
