import { PerfError, type PerfErrorCode, type PerfErrorOptions } from '@perf/core';

/** Where a pool stood when it refused somebody. */
export interface PoolSituation {
  /** The pool's name. */
  readonly pool: string;
  /** How many may be out at once. */
  readonly limit: number;
  /** How many were out. */
  readonly active: number;
  /** How many callers waited. */
  readonly waiting: number;
}

function refusal(options: PerfErrorOptions | undefined): PerfErrorOptions {
  return { stack: false, ...options };
}

function shown({ limit, active, waiting }: PoolSituation): string {
  return `${active} of ${limit} are out, ${waiting} callers wait`;
}

/**
 * A pool handed nothing out, and nothing was done. Base of the next four. These errors have no stack trace unless
 * `stack: true` is asked for: they come by the thousand, from one place.
 */
export class PoolAcquireError extends PerfError {
  static override readonly code: PerfErrorCode = 'PERF_POOL_ACQUIRE';
  /** The pool's name. */
  readonly pool: string;

  constructor(code: PerfErrorCode, pool: string, message: string, options?: PerfErrorOptions) {
    super(code, message, refusal(options));
    this.pool = pool;
  }
}

/** The caller's time was over before its turn came. The `cause` is the last failure to create, if that is why. */
export class PoolAcquireTimeoutError extends PoolAcquireError {
  static override readonly code = 'PERF_POOL_ACQUIRE_TIMEOUT';
  /** Milliseconds that it waited, rounded up. */
  readonly waited: number;
  /** Where the pool stood then. */
  readonly situation: PoolSituation;

  constructor(situation: PoolSituation, waited: number, options?: PerfErrorOptions) {
    super(
      PoolAcquireTimeoutError.code,
      situation.pool,
      `the pool "${situation.pool}" had nothing to hand out for ${Math.ceil(waited)} ms (${shown(situation)}); raise max, or hold what is acquired for a shorter time`,
      options,
    );
    this.waited = Math.ceil(waited);
    this.situation = situation;
  }
}

/** As many callers wait as may. */
export class PoolQueueFullError extends PoolAcquireError {
  static override readonly code = 'PERF_POOL_QUEUE_FULL';
  /** How many callers may wait. */
  readonly maxQueue: number;
  /** Where the pool stood then. */
  readonly situation: PoolSituation;

  constructor(situation: PoolSituation, maxQueue: number, options?: PerfErrorOptions) {
    super(
      PoolQueueFullError.code,
      situation.pool,
      `the queue of the pool "${situation.pool}" is full (${shown(situation)}); shed load, or raise maxQueue`,
      options,
    );
    this.maxQueue = maxQueue;
    this.situation = situation;
  }
}

/** A synchronous borrow found nothing that is ready. */
export class PoolExhaustedError extends PoolAcquireError {
  static override readonly code = 'PERF_POOL_EXHAUSTED';
  /** Where the pool stood then. */
  readonly situation: PoolSituation;

  constructor(situation: PoolSituation, options?: PerfErrorOptions) {
    super(
      PoolExhaustedError.code,
      situation.pool,
      `the pool "${situation.pool}" has nothing ready (${shown(situation)}); use acquire() to wait`,
      options,
    );
    this.situation = situation;
  }
}

/** The pool is closed or drains. */
export class PoolClosedError extends PoolAcquireError {
  static override readonly code = 'PERF_POOL_CLOSED';

  constructor(pool: string, options?: PerfErrorOptions) {
    super(PoolClosedError.code, pool, `the pool "${pool}" is closed; create a new one`, options);
  }
}

/** What the pool is made of could not be created; the `cause` is what the factory failed with. */
export class PoolCreateError extends PerfError {
  static override readonly code = 'PERF_POOL_CREATE';
  /** The pool's name. */
  readonly pool: string;

  constructor(pool: string, options?: PerfErrorOptions) {
    super(PoolCreateError.code, `the pool "${pool}" could not create what it hands out`, options);
    this.pool = pool;
  }
}

/** A check before use failed by an error, or took too long; a check that says `false` is no error. */
export class PoolHealthCheckError extends PerfError {
  static override readonly code = 'PERF_POOL_HEALTH_CHECK';
  /** The pool's name. */
  readonly pool: string;

  constructor(pool: string, options?: PerfErrorOptions) {
    super(PoolHealthCheckError.code, `a check of the pool "${pool}" failed`, options);
    this.pool = pool;
  }
}

/** Something was given back twice: from the first time on it may be somebody else's. */
export class PoolDoubleReleaseError extends PerfError {
  static override readonly code = 'PERF_POOL_DOUBLE_RELEASE';
  /** The pool's name. */
  readonly pool: string;

  constructor(pool: string, options?: PerfErrorOptions) {
    super(
      PoolDoubleReleaseError.code,
      `this was given back to the pool "${pool}" before; release each lease once`,
      options,
    );
    this.pool = pool;
  }
}

/** A query took longer than it may, and is being cancelled: it may still have had its effect. */
export class PoolQueryTimeoutError extends PerfError {
  static override readonly code = 'PERF_POOL_QUERY_TIMEOUT';
  /** The pool's name. */
  readonly pool: string;
  /** The limit that passed, in milliseconds. */
  readonly timeout: number;

  constructor(pool: string, timeout: number, options?: PerfErrorOptions) {
    super(
      PoolQueryTimeoutError.code,
      `a query of the pool "${pool}" took longer than ${Math.round(timeout)} ms and is being cancelled; raise queryTimeout or its timeout, or make it faster`,
      options,
    );
    this.pool = pool;
    this.timeout = Math.round(timeout);
  }
}

/** Something was used, or still ran, after it had been given back. */
export class PoolLeaseEndedError extends PerfError {
  static override readonly code = 'PERF_POOL_LEASE_ENDED';
  /** The pool's name. */
  readonly pool: string;

  constructor(pool: string, options?: PerfErrorOptions) {
    super(
      PoolLeaseEndedError.code,
      `a query was begun, or still ran, after its lease or transaction of the pool "${pool}" had ended; await all queries before that`,
      options,
    );
    this.pool = pool;
  }
}

/** A transaction was not committed. */
export class PoolTransactionError extends PerfError {
  static override readonly code: PerfErrorCode = 'PERF_POOL_TRANSACTION';
  /** The pool's name. */
  readonly pool: string;

  constructor(
    pool: string,
    why: string,
    options?: PerfErrorOptions,
    code: PerfErrorCode = PoolTransactionError.code,
  ) {
    super(code, `a transaction of the pool "${pool}" ${why}`, options);
    this.pool = pool;
  }
}

/** The connection was lost while a transaction was being committed; the `cause` says how. It may have been committed, or not. */
export class PoolCommitUnknownError extends PoolTransactionError {
  static override readonly code = 'PERF_POOL_COMMIT_UNKNOWN';

  constructor(pool: string, options?: PerfErrorOptions) {
    super(
      pool,
      'was being committed when its connection was lost: look whether it took effect before you repeat it',
      options,
      PoolCommitUnknownError.code,
    );
  }
}
