export { adaptivelyLimited } from './decorators/adaptively-limited.ts';
export { applyPolicy, type CallMapping } from './decorators/apply-policy.ts';
export { circuitBreaker } from './decorators/circuit-breaker.ts';
export { concurrencyLimited } from './decorators/concurrency-limited.ts';
export { hedged } from './decorators/hedged.ts';
export type {
  MethodDecorator,
  MethodDecoratorOf,
  MethodOptions,
  PolicyDecorator,
} from './decorators/method-decorator.ts';
export { rateLimited } from './decorators/rate-limited.ts';
export { resilient, type ResilientDecorator } from './decorators/resilient.ts';
export { retry } from './decorators/retry.ts';
export { timeLimited } from './decorators/time-limited.ts';
