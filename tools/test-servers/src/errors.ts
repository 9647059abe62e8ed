import { PerfError, type PerfErrorOptions } from '@perf/core';

/** A server could not be found, started or stopped. The message says what to do. */
export class TestServerError extends PerfError {
  /** Which server: `postgres`, `redis`, `prometheus`. */
  readonly server: string;

  constructor(server: string, message: string, options?: PerfErrorOptions) {
    super('PERF_TEST_SERVER', message, options);
    this.server = server;
  }
}

/** The server belongs to somebody else (its address came from the environment), so it is not ours to signal. */
export class ForeignServerError extends PerfError {
  constructor(server: string, operation: string, variable: string) {
    super(
      'PERF_TEST_SERVER_FOREIGN',
      `${operation}() is not possible: the ${server} server was given by ${variable} and was not started here. ` +
        `Unset ${variable} to have one started that can be signalled`,
    );
  }
}
