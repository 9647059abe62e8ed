import { PerfError, type PerfErrorOptions } from '@perf/core';

/**
 * Why a file is refused: it is another program's database, it was written by a newer version of this
 * package, it lies where SQLite's write-ahead log does not work (some network file systems), it is a
 * folder, this process may not open it, or this process may read it but not make the log beside it.
 */
export type SqliteFileProblem = 'foreign' | 'newer' | 'no-wal' | 'folder' | 'no-access' | 'no-log';

const ADVICE: Readonly<Record<SqliteFileProblem, string>> = {
  foreign: 'is a database of another program; choose another path',
  newer: 'was written by a newer version of @perf/cache-sqlite; upgrade, or choose another path',
  'no-wal': 'lies on a file system without shared memory for files; choose a local disk',
  folder: 'is a folder; give the path of a file, such as one in it',
  'no-access':
    "cannot be opened by this process's user; give that user the right to read and write the file and its folder, or choose another path",
  'no-log':
    "can be read, but not SQLite's log beside it be made; give this process's user the right to write the folder, or let a process that has it keep the file open",
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
