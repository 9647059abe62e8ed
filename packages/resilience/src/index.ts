export { createBatcher, type Batcher, type BatchLoadOptions } from './batcher/batcher.ts';
export type {
  AdaptiveBatchOptions,
  BatchContext,
  BatcherOptions,
  BatchLoad,
  BatchResults,
} from './batcher/options.ts';
export type {
  BatcherEvents,
  BatchEvent,
  BatcherSnapshot,
  BatchTrigger,
} from './batcher/telemetry.ts';
export {
  circuitBreaker,
  type CircuitBreaker,
  type Isolation,
} from './circuit-breaker/circuit-breaker.ts';
export type { BreakerWindow, CircuitBreakerOptions } from './circuit-breaker/options.ts';
export type {
  BreakerChangeReason,
  BreakerFailureEvent,
  BreakerRefusedEvent,
  BreakerState,
  BreakerStateEvent,
  CircuitBreakerEvents,
  CircuitBreakerSnapshot,
} from './circuit-breaker/telemetry.ts';
export {
  BatchQueueFullError,
  BatchResultError,
  BreakerRegistryFullError,
  BrokenCircuitError,
  BulkheadFullError,
  DeadlineExceededError,
  HedgeFailedError,
  HedgeLostError,
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
export type { TimeoutOptions } from './timeout/options.ts';
export type {
  LateEvent,
  TimeoutEvent,
  TimeoutEvents,
  TimeoutSnapshot,
} from './timeout/telemetry.ts';
export { timeout, type Timeout } from './timeout/timeout.ts';
export type { KeyedRateLimiter } from './limiters/keyed-limiter.ts';
export type {
  LimiterOptions,
  RateOptions,
  SlidingWindowOptions,
  TokenBucketOptions,
} from './limiters/options.ts';
export type {
  AdjustableRateLimiter,
  Decision,
  LocalRateLimiter,
  RateLimiter,
  TakeOptions,
} from './limiters/rate-limiter.ts';
export { slidingWindow } from './limiters/sliding-window.ts';
export type { LimiterEvents, LimiterFullEvent, LimiterSnapshot } from './limiters/telemetry.ts';
export { tokenBucket } from './limiters/token-bucket.ts';
export type { RateLimitOptions } from './rate-limit/options.ts';
export { rateLimit, type RateLimit } from './rate-limit/rate-limit.ts';
export type {
  RateLimitEvents,
  RateLimitRefusedEvent,
  RateLimitSnapshot,
} from './rate-limit/telemetry.ts';
export { adaptiveBulkhead, type AdaptiveBulkhead } from './adaptive-bulkhead/adaptive-bulkhead.ts';
export { aimd, type AimdOptions } from './adaptive-bulkhead/aimd.ts';
export type {
  ConcurrencyLimit,
  LimitBounds,
  LimitSample,
} from './adaptive-bulkhead/concurrency-limit.ts';
export type { AdaptiveBulkheadOptions } from './adaptive-bulkhead/options.ts';
export type { OverloadClassifier } from './adaptive-bulkhead/overload.ts';
export type {
  AdaptiveBulkheadEvents,
  AdaptiveBulkheadSnapshot,
  AdaptiveBulkheadLimitEvent,
  AdaptiveBulkheadRefusedEvent,
} from './adaptive-bulkhead/telemetry.ts';
export { vegas, type VegasOptions } from './adaptive-bulkhead/vegas.ts';
export { hedge, type Hedge } from './hedge/hedge.ts';
export type { HedgeBudgetOptions, HedgeOptions } from './hedge/options.ts';
export type { HedgeEvent, HedgeEvents, HedgeSnapshot, HedgeWonEvent } from './hedge/telemetry.ts';
export {
  createBreakerRegistry,
  type BreakerRegistry,
} from './breaker-registry/breaker-registry.ts';
export type { Incident } from './breaker-registry/correlation/failure-correlation.ts';
export type {
  BreakerRegistryOptions,
  CorrelationOptions,
  ServiceBreakerOptions,
} from './breaker-registry/options.ts';
export type {
  BreakerRegistryEvents,
  BreakerRegistrySnapshot,
  IncidentResolvedEvent,
  ServiceFailingEvent,
  ServiceHealth,
} from './breaker-registry/telemetry.ts';
export { bulkhead, type Bulkhead } from './bulkhead/bulkhead.ts';
export type { BulkheadOptions } from './bulkhead/options.ts';
export type {
  BulkheadEvents,
  BulkheadRefusedEvent,
  BulkheadSnapshot,
} from './bulkhead/telemetry.ts';
export { fallback, type Fallback } from './fallback/fallback.ts';
export type { FallbackFunction, FallbackOptions } from './fallback/options.ts';
export type { FallbackEvent, FallbackEvents, FallbackSnapshot } from './fallback/telemetry.ts';
export type { Backoff, BackoffOptions } from './retry/backoff.ts';
export type { RetryOptions } from './retry/options.ts';
export { retryAfterOf } from './retry/retry-after.ts';
export {
  retryBudget,
  tokenRetryBudget,
  type RetryBudget,
  type RetryBudgetOptions,
  type TokenRetryBudgetOptions,
} from './retry/retry-budget.ts';
export { retry, type Retry } from './retry/retry.ts';
export type {
  GiveUpEvent,
  GiveUpReason,
  RetryEvent,
  RetryEvents,
  RetrySnapshot,
} from './retry/telemetry.ts';
export { isTransientClickHouseError } from './retry/transient/clickhouse.ts';
export { isTransientHttpError, isTransientResponse } from './retry/transient/http.ts';
export { isTransientError } from './retry/transient/is-transient.ts';
export { isTransientNodeError } from './retry/transient/node.ts';
export { isTransientPostgresError } from './retry/transient/postgres.ts';
export { isTransientRedisError } from './retry/transient/redis.ts';
export type { StandardOptions } from './pipeline/options.ts';
export { pipeline, standard, type Pipeline } from './pipeline/pipeline.ts';
export type { PipelineEvents, PipelineSnapshot } from './pipeline/telemetry.ts';
