import { PerfError, type PerfErrorCode, type PerfErrorOptions } from '@perf/core';

const STACKLESS: PerfErrorOptions = { stack: false };

/** Not by spreading, which costs as much as the error. */
function stackless(options: PerfErrorOptions | undefined): PerfErrorOptions {
  return options !== undefined && 'cause' in options
    ? { stack: false, cause: options.cause }
    : STACKLESS;
}

/**
 * A policy did not let the call run: nothing of it was done. Base of the errors below; whoever answers for the call
 * may say "not now" (HTTP 503, or 429 for a {@link RateLimitedError}). These errors have no stack trace unless `stack: true`
 * is asked for: they come by the thousand, from one place.
 */
export class RefusedError extends PerfError {
  static override readonly code: PerfErrorCode = 'PERF_REFUSED';
  /** Milliseconds after which another try makes sense; `undefined` where that cannot be known. */
  readonly retryAfter: number | undefined;

  constructor(
    code: PerfErrorCode,
    message: string,
    retryAfter: number | undefined,
    options?: PerfErrorOptions,
  ) {
    super(code, message, options?.stack === undefined ? stackless(options) : options);
    this.retryAfter = retryAfter;
  }
}

/** A circuit breaker did not let the call through: what is behind it fails, or it was isolated by hand. */
export class BrokenCircuitError extends RefusedError {
  static override readonly code = 'PERF_CIRCUIT_OPEN';
  /** The breaker's name. */
  readonly breaker: string;
  /** Milliseconds until the breaker lets a probe through; `Infinity` while it is isolated. */
  declare readonly retryAfter: number;

  constructor(breaker: string, retryAfter: number, options?: PerfErrorOptions) {
    super(
      BrokenCircuitError.code,
      retryAfter === Infinity
        ? `the circuit breaker "${breaker}" is isolated; call its reset() to let calls through`
        : `the circuit breaker "${breaker}" is open; try again in ${Math.ceil(retryAfter)} ms`,
      retryAfter,
      options,
    );
    this.breaker = breaker;
  }
}

/** A bulkhead runs as many calls as it may, and the call could not wait, or not for longer. */
export class BulkheadFullError extends RefusedError {
  static override readonly code = 'PERF_BULKHEAD_FULL';
  /** The bulkhead's name. */
  readonly bulkhead: string;
  /** How many calls may run at once. */
  readonly limit: number;
  /** How many calls may wait. */
  readonly maxQueue: number;
  /** Milliseconds that the call waited, at the most; 0 when the queue was full. */
  readonly waited: number;

  constructor(
    bulkhead: string,
    limit: number,
    maxQueue: number,
    waited = 0,
    options?: PerfErrorOptions,
  ) {
    super(
      BulkheadFullError.code,
      waited > 0
        ? `the bulkhead "${bulkhead}" ran ${limit} calls all the time; this one waited ${waited} ms for its turn`
        : `the bulkhead "${bulkhead}" is full: ${limit} calls run and ${maxQueue} wait`,
      undefined,
      options,
    );
    this.bulkhead = bulkhead;
    this.limit = limit;
    this.maxQueue = maxQueue;
    this.waited = waited;
  }
}

/** A rate limit has no room for the call now. */
export class RateLimitedError extends RefusedError {
  static override readonly code = 'PERF_RATE_LIMITED';
  /** The limiter's name. */
  readonly limiter: string;
  /**
   * Milliseconds after which a call of the same cost would be admitted if no other came meanwhile; `Infinity` when it never
   * will be.
   */
  declare readonly retryAfter: number;

  constructor(limiter: string, retryAfter: number, options?: PerfErrorOptions) {
    super(
      RateLimitedError.code,
      retryAfter === Infinity
        ? `the rate limit "${limiter}" never admits this: it costs more than the limit, or its key is blocked`
        : `the rate limit "${limiter}" is reached; try again in ${Math.ceil(retryAfter)} ms`,
      retryAfter,
      options,
    );
    this.limiter = limiter;
  }
}

/** The call's deadline had passed before it could run. */
export class DeadlineExceededError extends RefusedError {
  static override readonly code = 'PERF_DEADLINE_EXCEEDED';
  /** The policy in which it was waiting, or which it was about to enter. */
  readonly policy: string;

  constructor(policy: string, options?: PerfErrorOptions) {
    super(
      DeadlineExceededError.code,
      `the call's deadline passed before "${policy}" could run it`,
      undefined,
      options,
    );
    this.policy = policy;
  }
}

/** A batcher holds as many waiting keys as it may. */
export class BatchQueueFullError extends RefusedError {
  static override readonly code = 'PERF_BATCH_QUEUE_FULL';
  /** The batcher's name. */
  readonly batcher: string;
  /** How many keys may wait. */
  readonly maxQueue: number;

  constructor(batcher: string, maxQueue: number, options?: PerfErrorOptions) {
    super(
      BatchQueueFullError.code,
      `${maxQueue} keys wait for the batcher "${batcher}" already`,
      undefined,
      options,
    );
    this.batcher = batcher;
    this.maxQueue = maxQueue;
  }
}

/** The loader of a batch came back with something that does not belong to its keys. */
export class BatchResultError extends PerfError {
  static override readonly code = 'PERF_BATCH_RESULT';
  /** The batcher's name. */
  readonly batcher: string;

  constructor(batcher: string, got: string, options?: PerfErrorOptions) {
    super(BatchResultError.code, `the loader of the batcher "${batcher}" returned ${got}`, options);
    this.batcher = batcher;
  }
}

/** Every attempt of a hedged call has failed. */
export class HedgeFailedError extends PerfError {
  static override readonly code = 'PERF_HEDGE_FAILED';
  /** The hedge's name. */
  readonly hedge: string;
  /** What the attempts failed with, in the order in which they did; the last one is the `cause`. */
  readonly errors: readonly unknown[];

  constructor(hedge: string, errors: readonly unknown[], options?: PerfErrorOptions) {
    super(HedgeFailedError.code, `all ${errors.length} attempts under "${hedge}" failed`, {
      cause: errors.at(-1),
      ...STACKLESS,
      ...options,
    });
    this.hedge = hedge;
    this.errors = errors;
  }
}

/** Why the signal of an attempt aborts: another attempt has answered the call. */
export class HedgeLostError extends PerfError {
  static override readonly code = 'PERF_HEDGE_LOST';
  /** The hedge's name. */
  readonly hedge: string;

  constructor(hedge: string, options?: PerfErrorOptions) {
    super(HedgeLostError.code, `another attempt under "${hedge}" was quicker`, {
      ...STACKLESS,
      ...options,
    });
    this.hedge = hedge;
  }
}

/** A registry has as many breakers as it may, and none of them is closed and idle. */
export class BreakerRegistryFullError extends RefusedError {
  static override readonly code = 'PERF_BREAKER_REGISTRY_FULL';
  /** The registry's name. */
  readonly registry: string;
  /** How many breakers there may be. */
  readonly maxBreakers: number;

  constructor(registry: string, maxBreakers: number, options?: PerfErrorOptions) {
    super(
      BreakerRegistryFullError.code,
      `the registry "${registry}" has ${maxBreakers} breakers, none of which is closed; raise maxBreakers`,
      undefined,
      options,
    );
    this.registry = registry;
    this.maxBreakers = maxBreakers;
  }
}

/** A rate limiter cannot reach what keeps its limits; nothing was changed there. */
export class LimiterUnavailableError extends PerfError {
  static override readonly code = 'PERF_LIMITER_UNAVAILABLE';
  /** The limiter's name. */
  readonly limiter: string;

  /** @param state of the client, such as `reconnecting` */
  constructor(limiter: string, state: string, options?: PerfErrorOptions) {
    super(
      LimiterUnavailableError.code,
      `the rate limiter "${limiter}" does not reach Redis (the client is "${state}")`,
      { ...STACKLESS, ...options },
    );
    this.limiter = limiter;
  }
}
