import { PerfError } from '@perf/core';

/** The answer is not what ClickHouse sends: it breaks off, or holds a row that is none. */
export class ClickHouseResponseError extends PerfError {
  static override readonly code = 'PERF_CLICKHOUSE_RESPONSE';
  /** The query's number at the server. */
  readonly queryId: string;

  constructor(queryId: string, what: string, options?: { readonly cause?: unknown }) {
    super(
      ClickHouseResponseError.code,
      `the answer to the query ${queryId} ${what}; look for the query in system.query_log`,
      options,
    );
    this.queryId = queryId;
  }
}

/** The result, or one row of a stream, is larger than `maxResultBytes`; the query was ended. */
export class ClickHouseResultTooLargeError extends PerfError {
  static override readonly code = 'PERF_CLICKHOUSE_RESULT_TOO_LARGE';
  /** The limit, in bytes. */
  readonly maxResultBytes: number;

  constructor(what: string, maxResultBytes: number) {
    super(
      ClickHouseResultTooLargeError.code,
      `${what} is larger than ${maxResultBytes} bytes; use stream(), LIMIT, or raise maxResultBytes`,
    );
    this.maxResultBytes = maxResultBytes;
  }
}

/** As much waits to be inserted as may. */
export class ClickHouseInserterFullError extends PerfError {
  static override readonly code = 'PERF_CLICKHOUSE_INSERTER_FULL';
  /** The limit, in bytes. */
  readonly maxQueuedBytes: number;

  constructor(table: string, maxQueuedBytes: number) {
    super(
      ClickHouseInserterFullError.code,
      `${maxQueuedBytes} bytes wait to be inserted into ${table}; await insert(), shed load, or raise maxQueuedBytes`,
      { stack: false },
    );
    this.maxQueuedBytes = maxQueuedBytes;
  }
}
