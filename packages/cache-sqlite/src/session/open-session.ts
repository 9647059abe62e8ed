import type { Clock } from '@perf/core';
import { SqliteFileError, type SqliteFileProblem } from '../errors.ts';
import type { SqliteSettings } from '../sqlite-store-options.ts';
import { missingDriver, type SqliteDatabase, type SqliteDriver } from '../database/driver.ts';
import { codeOf, failureOf, FileIncomplete, FileMoved } from '../database/failure.ts';
import { accessProblemOf, createFile, identityOf, isWritable } from '../database/file.ts';
import { isEmpty, prepareSchema, versionOf } from '../database/schema.ts';
import { Session, type Eviction } from './session.ts';

/** While opening, locks are waited for in short turns, between which the event loop runs. */
const OPENING_BUSY_TIMEOUT = 5;
/** A log that had to grow is cut to this many bytes when it is begun anew. */
const LOG_KEPT = 8 * 1024 * 1024;
/** Pages in the log at which a commit folds it into the file itself: the sweeper does it before, if it gets to run. */
const CHECKPOINT_PAGES = 1000;

/**
 * Opens the file, after making it if there is none.
 * @throws {@link SqliteFileError}, `MissingDriverError` when the driver's native part does not load, or
 * an error for {@link failureOf}
 */
export function openSession(
  driver: SqliteDriver,
  settings: SqliteSettings,
  clock: Clock,
  onEvict: (eviction: Eviction) => void,
): Session {
  const { path } = settings;
  try {
    return openFile(driver, settings, clock, onEvict);
  } catch (error) {
    const problem = problemOf(error, path);
    throw problem === undefined ? error : new SqliteFileError(path, problem, { cause: error });
  }
}

function openFile(
  driver: SqliteDriver,
  settings: SqliteSettings,
  clock: Clock,
  onEvict: (eviction: Eviction) => void,
): Session {
  const { path } = settings;
  const db = openDatabase(driver, path);
  try {
    const identity = identityOf(path);
    if (identity === undefined) throw new FileMoved(path);
    // Before anything is changed: it may be somebody else's.
    versionOf(db, path);
    if (!db.readonly) configure(db, settings);
    // Damage to a page shows when the page is read, not when it is used.
    db.pragma('cell_size_check = ON');
    db.pragma('trusted_schema = OFF');
    prepareSchema(db, path);
    const session = createSession(() => new Session(db, identity, settings, clock, onEvict));
    session.assertInPlace();
    // From now on who runs a step waits for locks, in shorter turns than SQLite does.
    db.pragma('busy_timeout = 0');
    return session;
  } catch (error) {
    db.close();
    throw error;
  }
}

function createSession(create: () => Session): Session {
  try {
    return create();
  } catch (error) {
    // "no such table", "no such column" in a file whose version is ours.
    throw codeOf(error) === 'SQLITE_ERROR' ? new FileIncomplete(String(error)) : error;
  }
}

function openDatabase(Driver: SqliteDriver, path: string): SqliteDatabase {
  const options = { timeout: OPENING_BUSY_TIMEOUT };
  try {
    createFile(path);
    if (isWritable(path)) return new Driver(path, options);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === 'other' && isLoadingError(error)) throw missingDriver(error);
    const exists = identityOf(path) !== undefined;
    if (!exists || failure === 'busy' || failure === 'corrupt') throw error;
  }
  // The file or its folder cannot be written: what is in it can perhaps still be read.
  return new Driver(path, { ...options, readonly: true });
}

/** What somebody can do something about, of what SQLite only calls an error of reading or opening. */
function problemOf(error: unknown, path: string): SqliteFileProblem | undefined {
  const failure = failureOf(error);
  if (failure === 'read-only') return 'no-log';
  const denied = codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM';
  if (failure !== 'io' && !denied) return undefined;
  const problem = accessProblemOf(path);
  // An error of the disk has nothing to do with the folder.
  return problem === 'no-log' && codeOf(error) !== 'SQLITE_CANTOPEN' ? undefined : problem;
}

/** Whether the driver's native part is missing, or of another version of Node. */
function isLoadingError(error: unknown): boolean {
  return (
    codeOf(error) === 'ERR_DLOPEN_FAILED' ||
    codeOf(error) === 'MODULE_NOT_FOUND' ||
    (error instanceof Error && error.message.startsWith('Could not locate the bindings file'))
  );
}

function configure(db: SqliteDatabase, { path, maxFileBytes }: SqliteSettings): void {
  // Before anything is in it, or it has no effect.
  if (isEmpty(db)) db.pragma('auto_vacuum = INCREMENTAL');
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw new SqliteFileError(path, 'no-wal');
  db.pragma('synchronous = NORMAL');
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${LOG_KEPT}`);
  if (maxFileBytes !== Infinity) {
    const pageSize = db.pragma('page_size', { simple: true }) as number;
    db.pragma(`max_page_count = ${Math.floor(maxFileBytes / pageSize)}`);
  }
}
