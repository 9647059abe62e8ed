export { BrokenCircuitError, BulkheadFullError, RateLimitedError } from './errors.ts';
export type {
  ExecuteOptions,
  Execution,
  ExecutionContext,
  ResiliencePolicy,
  Result,
} from './execution/resilience-policy.ts';
