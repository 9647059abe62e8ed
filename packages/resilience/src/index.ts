export {
  BrokenCircuitError,
  BulkheadFullError,
  DeadlineExceededError,
  RateLimitedError,
  RefusedError,
} from './errors.ts';
export type { PolicyOptions } from './execution/base-policy.ts';
export type { Classifier, Verdict } from './execution/outcome.ts';
export type {
  ExecuteOptions,
  Execution,
  ExecutionContext,
  ResiliencePolicy,
  Result,
} from './execution/resilience-policy.ts';
