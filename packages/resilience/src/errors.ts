import { PerfError, type PerfErrorOptions } from '@perf/core';

/** A circuit breaker let the call not through: the service behind it fails, or it was isolated by hand. */
export class BrokenCircuitError extends PerfError {
  static override readonly code = 'PERF_CIRCUIT_OPEN';
  /** The breaker's name. */
  readonly breaker: string;
  /** Milliseconds until the breaker lets a probe through; `Infinity` while it is isolated. */
  readonly retryAfter: number;

  constructor(breaker: string, retryAfter: number, options?: PerfErrorOptions) {
    super(
      BrokenCircuitError.code,
      retryAfter === Infinity
        ? `the circuit breaker "${breaker}" is isolated; call its reset() to let calls through`
        : `the circuit breaker "${breaker}" is open; try again in ${Math.ceil(retryAfter)} ms`,
      options,
    );
    this.breaker = breaker;
    this.retryAfter = retryAfter;
  }
}

/** A bulkhead runs as many calls as it may, and its queue is full. */
export class BulkheadFullError extends PerfError {
  static override readonly code = 'PERF_BULKHEAD_FULL';
  /** The bulkhead's name. */
  readonly bulkhead: string;
  /** How many calls may run at once. */
  readonly limit: number;
  /** How many calls may wait. */
  readonly maxQueue: number;

  constructor(bulkhead: string, limit: number, maxQueue: number, options?: PerfErrorOptions) {
    super(
      BulkheadFullError.code,
      `the bulkhead "${bulkhead}" is full: ${limit} calls run and ${maxQueue} wait`,
      options,
    );
    this.bulkhead = bulkhead;
    this.limit = limit;
    this.maxQueue = maxQueue;
  }
}

/** A rate limit has no room for the call now. */
export class RateLimitedError extends PerfError {
  static override readonly code = 'PERF_RATE_LIMITED';
  /** The limiter's name. */
  readonly limiter: string;
  /** Milliseconds after which a call of the same cost would be admitted if no other came meanwhile. */
  readonly retryAfter: number;

  constructor(limiter: string, retryAfter: number, options?: PerfErrorOptions) {
    super(
      RateLimitedError.code,
      `the rate limit "${limiter}" is reached; try again in ${Math.ceil(retryAfter)} ms`,
      options,
    );
    this.limiter = limiter;
    this.retryAfter = retryAfter;
  }
}
