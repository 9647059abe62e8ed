import type { Clock } from '@perf/core';
import { EntryTable } from '../entries/entry-table.ts';
import { Journal } from '../entries/journal.ts';
import { LedgerTable } from '../fencing/ledger-table.ts';
import { TicketTable } from '../fencing/ticket-table.ts';
import type { SqliteSettings } from '../sqlite-store-options.ts';
import type { SqliteDatabase, SqliteStatement } from '../database/driver.ts';
import { FileMoved } from '../database/failure.ts';
import { identityOf, type FileIdentity } from '../database/file.ts';

/** Entries removed for want of room. */
export interface Eviction {
  readonly entries: number;
  readonly bytes: number;
}

/** One open database with its prepared statements; everything here is synchronous. */
export class Session {
  readonly db: SqliteDatabase;
  readonly settings: SqliteSettings;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly entries: EntryTable;
  readonly tickets: TicketTable;
  readonly ledger: LedgerTable;
  /** Transactions that wrote, since the last checkpoint. */
  commitsSinceCheckpoint = 0;
  /** What that was at the end of the last slice of maintenance. */
  commitsAtLastSlice = 0;
  readonly #identity: FileIdentity;
  readonly #onEvict: (eviction: Eviction) => void;
  readonly #begin: SqliteStatement;
  readonly #beginRead: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #rollback: SqliteStatement;

  constructor(
    db: SqliteDatabase,
    identity: FileIdentity,
    settings: SqliteSettings,
    clock: Clock,
    onEvict: (eviction: Eviction) => void,
  ) {
    this.db = db;
    this.settings = settings;
    this.clock = clock;
    this.#identity = identity;
    this.#onEvict = onEvict;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#beginRead = db.prepare('BEGIN');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.journal = new Journal(db, settings.dropLog);
    this.entries = new EntryTable(db, this.journal, settings);
    this.tickets = new TicketTable(db);
    this.ledger = new LedgerTable(db, this.journal, settings.dropLog);
  }

  /**
   * Runs the body in a transaction that holds the write lock, then evicts down to the bounds.
   * @throws whatever the body, SQLite or {@link assertInPlace} throws; nothing is applied then
   */
  write<T>(body: () => T): T {
    // Also what makes a `delete` reach the other processes: see `assertInPlace`.
    this.assertInPlace();
    this.#begin.run();
    try {
      const result = body();
      const eviction = this.entries.enforceBounds(this.clock.epoch());
      this.journal.flush();
      this.#commit.run();
      this.commitsSinceCheckpoint++;
      if (eviction !== undefined) this.#onEvict(eviction);
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  /** Runs the body on one unchanging state of the database. */
  read<T>(body: () => T): T {
    this.#beginRead.run();
    try {
      const result = body();
      this.#commit.run();
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  /**
   * Throws when another file lies under the path by now, so that other processes do not see what is
   * written to the one that is open. A file that is replaced after this check was replaced after the
   * call began, and what is loaded into the new one is newer than the call.
   */
  assertInPlace(): void {
    if (!this.isInPlace) throw new FileMoved(`${this.settings.path} was replaced`);
  }

  /** Whether the file that is open lies under its path. */
  get isInPlace(): boolean {
    const found = identityOf(this.settings.path);
    return found?.inode === this.#identity.inode && found.device === this.#identity.device;
  }

  /** Never throws. */
  close(): void {
    try {
      this.db.close();
    } catch {
      // A damaged database; its handles are released all the same.
    }
  }

  #undo(): void {
    this.journal.forget();
    this.entries.forget();
    try {
      if (this.db.inTransaction) this.#rollback.run();
    } catch {
      // The error that led here says more.
    }
  }
}
