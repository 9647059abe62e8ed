import { PerfError, type PerfErrorOptions } from '@perf/core';

/** A file does not hold a trace. The message says what is wrong with it. */
export class TraceFormatError extends PerfError {
  readonly file: string;

  constructor(file: string, problem: string, options?: PerfErrorOptions) {
    super('PERF_TRACE_FORMAT', `${file} is not a trace: ${problem}`, options);
    this.file = file;
  }
}
