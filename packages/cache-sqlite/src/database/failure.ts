/** What went wrong in SQLite, by what can be done about it. */
export type Failure =
  /** Another process holds the lock. */
  | 'busy'
  /** The disk or the file is full. */
  | 'full'
  /** The file is not a database, or damaged. */
  | 'corrupt'
  /** The file or its folder cannot be written. */
  | 'read-only'
  /** Another file lies under the path by now, or none. */
  | 'moved'
  /** SQLite takes no value of this size. */
  | 'too-big'
  /** The file cannot be opened or read: no permission, no such device, an error of the disk. */
  | 'io'
  /** Not an error of SQLite. */
  | 'other';

/** Thrown inside this package when the file under the path is no longer the one that is open. */
export class FileMoved extends Error {
  override readonly name: string = 'FileMoved';
}

/** Thrown inside this package when the file is a database of ours but lacks a table. */
export class FileIncomplete extends Error {
  override readonly name: string = 'FileIncomplete';
}

const BY_CODE: readonly (readonly [prefix: string, failure: Failure])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_PROTOCOL', 'busy'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_READONLY_DBMOVED', 'moved'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_TOOBIG', 'too-big'],
  ['SQLITE_', 'io'],
];

/** Sorts whatever was thrown while a database was opened or used. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FileMoved) return 'moved';
  if (error instanceof FileIncomplete) return 'corrupt';
  const code = codeOf(error);
  return BY_CODE.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'other';
}

/** The error's `code`, or `''`. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
