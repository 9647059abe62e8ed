import { randomBytes } from 'node:crypto';
import { SqliteFileError } from '../errors.ts';
import type { SqliteDatabase } from './driver.ts';

/** `PRAGMA application_id` of our files: 'PfCs'. */
const APPLICATION_ID = 0x50664373;

const VERSION_1 = `
CREATE TABLE entries (
  id      INTEGER PRIMARY KEY,
  key     TEXT NOT NULL UNIQUE,
  nonce   TEXT,
  created INTEGER NOT NULL,
  used    INTEGER NOT NULL,
  expires INTEGER,
  due     INTEGER,
  size    INTEGER NOT NULL,
  bytes   BLOB NOT NULL
) STRICT;
CREATE INDEX entries_due ON entries (due) WHERE due IS NOT NULL;
CREATE INDEX entries_used ON entries (used);
CREATE TABLE tickets (
  key     TEXT PRIMARY KEY,
  ticket  TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE journal (
  n       INTEGER PRIMARY KEY,
  writer  INTEGER NOT NULL,
  key     TEXT,
  entries INTEGER NOT NULL,
  bytes   INTEGER NOT NULL
) STRICT;
INSERT INTO journal VALUES (0, 0, NULL, 0, 0);
CREATE TABLE ledger (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_seq ON ledger (seq);
CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value REAL NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** What leads from each version to the next: the first from an empty file to version 1. */
const MIGRATIONS: readonly string[] = [VERSION_1];

/** `PRAGMA user_version` of the files that this package writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** A ledger's identity, random. */
export function newLedgerId(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Makes an empty file ours, and brings an older one up to date, in one transaction.
 * @throws {@link SqliteFileError} when the file belongs to another program or a newer version
 */
export function prepareSchema(db: SqliteDatabase, file: string): void {
  if (versionOf(db, file) === SCHEMA_VERSION) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been faster.
    const version = versionOf(db, file);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    if (version === 0) {
      db.prepare(`INSERT INTO ledger VALUES ('id', ?, -1)`).run(newLedgerId());
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    }
    if (version < SCHEMA_VERSION) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Whether the file holds nothing at all. */
export function isEmpty(db: SqliteDatabase): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

/**
 * The version of the file's tables, 0 when it is empty.
 * @throws {@link SqliteFileError} when the file belongs to another program or a newer version
 */
export function versionOf(db: SqliteDatabase, file: string): number {
  if (isEmpty(db) && numberOf(db, 'application_id') === 0 && numberOf(db, 'user_version') === 0) {
    return 0;
  }
  // Behind the look at the tables: another process makes all of a file in one step, and may just have.
  if (numberOf(db, 'application_id') !== APPLICATION_ID) throw new SqliteFileError(file, 'foreign');
  const version = numberOf(db, 'user_version');
  if (version > SCHEMA_VERSION) throw new SqliteFileError(file, 'newer');
  return version;
}

function numberOf(db: SqliteDatabase, pragma: 'application_id' | 'user_version'): number {
  return db.pragma(pragma, { simple: true }) as number;
}
