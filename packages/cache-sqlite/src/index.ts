export type {
  SqliteDatabase,
  SqliteDriver,
  SqliteOpenOptions,
  SqliteStatement,
} from './database/driver.ts';
export type { EntryInfo, EntryQuery } from './entries/browse.ts';
export type { Cleaned, CleanupRule } from './entries/cleanup.ts';
export { SqliteFileError, type SqliteFileProblem } from './errors.ts';
export type { SqliteStoreEvents, SqliteStoreMessage } from './events.ts';
export type { SqliteStoreOptions } from './sqlite-store-options.ts';
export { sqliteStore, type BrowseOptions, type SqliteStore } from './sqlite-store.ts';
