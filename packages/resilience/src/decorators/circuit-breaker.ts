import { circuitBreaker as make } from '../circuit-breaker/circuit-breaker.ts';
import type { CircuitBreakerOptions } from '../circuit-breaker/options.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Runs a method under a circuit breaker, by its options or itself; see `circuitBreaker` of the package's root. */
export const circuitBreaker: PolicyDecorator<CircuitBreakerOptions> = policyDecorator(
  'circuitBreaker',
  make,
);
