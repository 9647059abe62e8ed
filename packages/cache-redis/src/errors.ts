import { PerfError, type PerfErrorOptions } from '@perf/core';

/**
 * How a server is set up wrongly for a cache: it evicts what has no lifetime (`eviction`: the ledger may be
 * lost, and with it the use of all entries), it is older than what is supported (`version`), it is a replica
 * (`replica`: every write fails), it cannot write to its disk (`persistence`: writes may be refused), or it
 * does not tell what has to be known of it (`unknown`).
 */
export type RedisServerProblem = 'eviction' | 'version' | 'replica' | 'persistence' | 'unknown';

/** How a server is set up endangers what it holds, or what may be relied on. Never thrown: it is told by events. */
export class RedisServerError extends PerfError {
  static override readonly code = 'PERF_CACHE_REDIS_SERVER';
  /** `host:port` */
  readonly server: string;
  readonly problem: RedisServerProblem;

  constructor(
    server: string,
    problem: RedisServerProblem,
    what: string,
    options?: PerfErrorOptions,
  ) {
    super(RedisServerError.code, `Redis at ${server} ${what}`, options);
    this.server = server;
    this.problem = problem;
  }
}

/** There is no connection that could take a command: it was not sent. */
export class RedisNotConnectedError extends PerfError {
  static override readonly code = 'PERF_CACHE_REDIS_NOT_CONNECTED';
  /** The client's status, such as `reconnecting`. */
  readonly status: string;

  constructor(status: string, options?: PerfErrorOptions) {
    super(
      RedisNotConnectedError.code,
      `not connected to Redis (the client is "${status}"); nothing was sent`,
      options,
    );
    this.status = status;
  }
}
