import { MissingDriverError } from '@perf/core';

/** The part of a prepared statement of better-sqlite3 that the store uses. */
export interface SqliteStatement {
  run(...parameters: unknown[]): { readonly changes: number };
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
  raw(toggle?: boolean): unknown;
  pluck(toggle?: boolean): unknown;
}

/** The part of a database of better-sqlite3 that the store uses. */
export interface SqliteDatabase {
  readonly inTransaction: boolean;
  readonly readonly: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(sql: string, options?: { simple?: boolean }): unknown;
  close(): unknown;
}

/** How better-sqlite3 is called to open a file. */
export interface SqliteOpenOptions {
  readonly?: boolean;
  timeout?: number;
}

/** The class that better-sqlite3 exports, version 12 or newer. */
export type SqliteDriver = new (path: string, options?: SqliteOpenOptions) => SqliteDatabase;

const PACKAGE = 'better-sqlite3';
const NEEDED_BY = '@perf/cache-sqlite';

/**
 * The driver that is installed beside this package.
 * @throws {@link MissingDriverError} when there is none
 */
export async function loadDriver(): Promise<SqliteDriver> {
  try {
    // A variable, so that neither the compiler nor a bundler insists on an optional package.
    const specifier: string = PACKAGE;
    const module = (await import(specifier)) as { readonly default: SqliteDriver };
    return module.default;
  } catch (cause) {
    throw missingDriver(cause);
  }
}

/** The error of a driver that is absent, or whose native part does not fit this machine. */
export function missingDriver(cause: unknown): MissingDriverError {
  return new MissingDriverError(PACKAGE, NEEDED_BY, { cause });
}
