import { PerfError, type PerfErrorOptions } from '@perf/core';

/** A file does not hold a trace. The message says what is wrong with it. */
export class TraceFormatError extends PerfError {
  static override readonly code = 'PERF_TRACE_FORMAT';
  readonly file: string;

  constructor(file: string, problem: string, options?: PerfErrorOptions) {
    super(TraceFormatError.code, `${file} is not a trace: ${problem}`, options);
    this.file = file;
  }
}
