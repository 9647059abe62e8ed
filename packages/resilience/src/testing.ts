export { ManualClock, settle } from '@perf/core/testing';
export {
  runLimiterCheck,
  type CreateLimiterSubject,
  type LimiterCheck,
  type LimiterCheckContext,
  type LimiterSpeed,
  type LimiterSubject,
  type LimiterTraits,
} from './testing/limiter-suite/limiter-check.ts';
export {
  describeRateLimiter,
  type DescribeRateLimiterOptions,
} from './testing/describe-rate-limiter.ts';
export { rateLimiterChecks } from './testing/rate-limiter-checks.ts';
export type { TestRunner } from '@perf/core/testing';
