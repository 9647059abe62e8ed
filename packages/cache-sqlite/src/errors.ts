import { PerfError, type PerfErrorOptions } from '@perf/core';

/**
 * Why a file is refused: it is another program's database, it was written by a newer version of this
 * package, or it lies where SQLite's write-ahead log does not work (some network file systems).
 */
export type SqliteFileProblem = 'foreign' | 'newer' | 'no-wal';

const ADVICE: Readonly<Record<SqliteFileProblem, string>> = {
  foreign: 'is a database of another program; choose another path',
  newer: 'was written by a newer version of @perf/cache-sqlite; upgrade, or choose another path',
  'no-wal': 'lies on a file system without shared memory for files; choose a local disk',
};

/** The file cannot be used as a cache, and is left as it is. Every call of the store rejects with it. */
export class SqliteFileError extends PerfError {
  static override readonly code = 'PERF_CACHE_SQLITE_FILE';
  readonly path: string;
  readonly problem: SqliteFileProblem;

  constructor(path: string, problem: SqliteFileProblem, options?: PerfErrorOptions) {
    super(SqliteFileError.code, `${path} ${ADVICE[problem]}`, options);
    this.path = path;
    this.problem = problem;
  }
}
