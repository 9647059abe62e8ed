import { nonceOf, type StoredEntry, type StoreWrite } from '@perf/cache-core';
import type { SqliteDatabase, SqliteStatement } from '../database/driver.ts';
import type { Eviction } from '../session/session.ts';
import { MAX_KEY_BYTES, type SqliteSettings } from '../sqlite-store-options.ts';
import type { Journal } from './journal.ts';
import { Recency } from './recency.ts';

/** What an entry takes in the file beyond its key and value, roughly: the row and its places in three indexes. */
const ENTRY_OVERHEAD = 128;
/** Rows removed per statement, and recorded uses per eviction. */
const BATCH = 64;
/** Later times than this are never. */
const LATEST = Number.MAX_SAFE_INTEGER;

type Meta = readonly [
  id: number,
  size: number,
  used: number,
  expires: number | null,
  due: number | null,
];
type Victim = readonly [id: number, size: number];

/** The tables `entries` and `settings`. Every writing method runs within a transaction of its session. */
export class EntryTable {
  readonly recency: Recency;
  readonly #journal: Journal;
  readonly #settings: SqliteSettings;
  readonly #find: SqliteStatement;
  readonly #findNonce: SqliteStatement;
  readonly #meta: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #update: SqliteStatement;
  readonly #use: SqliteStatement;
  readonly #schedule: SqliteStatement;
  readonly #touch: SqliteStatement;
  readonly #delete: SqliteStatement;
  readonly #deleteAll: SqliteStatement;
  readonly #oldest: SqliteStatement;
  readonly #due: SqliteStatement;
  readonly #longest: SqliteStatement;
  readonly #setLongest: SqliteStatement;
  #longestTtl: number | undefined;

  constructor(db: SqliteDatabase, journal: Journal, settings: SqliteSettings) {
    this.#journal = journal;
    this.#settings = settings;
    const prepareRaw = (sql: string): SqliteStatement => {
      const statement = db.prepare(sql);
      statement.raw();
      return statement;
    };
    this.#find = prepareRaw('SELECT id, bytes, used, expires FROM entries WHERE key = ?');
    this.#findNonce = prepareRaw(
      'SELECT id, bytes, used, expires FROM entries WHERE key = ? AND nonce IS NOT ?',
    );
    this.#meta = prepareRaw('SELECT id, size, used, expires, due FROM entries WHERE key = ?');
    this.#insert = db.prepare(
      `INSERT INTO entries (key, nonce, created, used, expires, due, size, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    // Columns that are set, even to what they are, rewrite their index: hence separate statements.
    this.#update = db.prepare(
      'UPDATE entries SET nonce = ?, created = ?, expires = ?, size = ?, bytes = ? WHERE id = ?',
    );
    this.#use = db.prepare('UPDATE entries SET used = ? WHERE id = ?');
    this.#schedule = db.prepare('UPDATE entries SET due = ? WHERE id = ?');
    this.#touch = db.prepare('UPDATE entries SET expires = ? WHERE id = ?');
    this.#delete = db.prepare('DELETE FROM entries WHERE id = ?');
    this.#deleteAll = db.prepare('DELETE FROM entries');
    this.#oldest = prepareRaw(`SELECT id, size FROM entries ORDER BY used, id LIMIT ?`);
    this.#due = prepareRaw(
      `SELECT id, size, used, expires, due FROM entries WHERE due <= ? ORDER BY due LIMIT ?`,
    );
    this.#longest = db.prepare(`SELECT value FROM settings WHERE name = 'longest-ttl'`);
    this.#longest.pluck();
    this.#setLongest = db.prepare(
      `INSERT INTO settings VALUES ('longest-ttl', ?)
       ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`,
    );
    this.recency = new Recency(db, settings.recencyInterval);
  }

  /**
   * The entry, unless it is absent or its time is over. The use is noted.
   * @param badNonce an entry with just this nonce counts as absent
   */
  get(key: string, now: number, badNonce?: string): StoredEntry | undefined {
    const row = (
      badNonce === undefined ? this.#find.get(key) : this.#findNonce.get(key, badNonce)
    ) as readonly [number, Uint8Array, number, number | null] | undefined;
    if (row === undefined) return undefined;
    const [id, bytes, used, expires] = row;
    const remaining = expires === null ? Infinity : expires - now;
    if (remaining <= 0) return undefined;
    this.recency.note(id, used, now);
    return { bytes, remaining };
  }

  /** Whether the entry may be stored at all. */
  fits({ key, bytes }: StoreWrite): boolean {
    const { maxValueBytes, maxBytes, room } = this.#settings;
    const size = sizeOf(key, bytes);
    const keyBytes = size - bytes.length - ENTRY_OVERHEAD;
    if (keyBytes > MAX_KEY_BYTES || bytes.length > maxValueBytes) return false;
    return size <= maxBytes && bytes.length + 2 * keyBytes <= room;
  }

  put({ key, bytes, ttl }: StoreWrite, now: number): void {
    const size = sizeOf(key, bytes);
    const nonce = nonceOf(bytes) ?? null;
    const expires = expiryOf(now, ttl);
    const old = this.#meta.get(key) as Meta | undefined;
    if (old === undefined) {
      this.#insert.run(key, nonce, now, now, expires, expires, size, bytes);
      this.#journal.count(1, size);
    } else {
      const [id, oldSize, used, , due] = old;
      this.#update.run(nonce, now, expires, size, bytes, id);
      this.#reschedule(id, due, expires);
      if (this.recency.isStale(used, now)) this.#use.run(now, id);
      if (size !== oldSize) this.#journal.count(0, size - oldSize);
    }
    this.#noteTtl(ttl);
  }

  /** Whether there was one whose time was not over. */
  remove(key: string, now: number): boolean {
    const old = this.#meta.get(key) as Meta | undefined;
    if (old === undefined) return false;
    const [id, size, , expires] = old;
    this.#removeRow(id, size);
    return expires === null || expires > now;
  }

  touch(key: string, ttl: number, now: number): void {
    const old = this.#meta.get(key) as Meta | undefined;
    if (old === undefined) return;
    const [id, , used, expires, due] = old;
    if (expires !== null && expires <= now) return;
    const later = expiryOf(now, ttl);
    this.#touch.run(later, id);
    this.#reschedule(id, due, later);
    this.recency.note(id, used, now);
    this.#noteTtl(ttl);
  }

  removeAll(): void {
    this.#journal.count(-this.#journal.entries, -this.#journal.bytes);
    this.#deleteAll.run();
  }

  /** Removes rows by what a query found; how many bytes that were. */
  removeRows(rows: readonly Victim[]): number {
    let bytes = 0;
    for (const [id, size] of rows) {
      this.#removeRow(id, size);
      bytes += size;
    }
    return bytes;
  }

  /** Whether {@link sweep} would find something. */
  hasDue(now: number): boolean {
    return this.#due.get(now, 1) !== undefined;
  }

  /** Looks at the `limit` rows that are due first: removes the expired ones. How many it looked at and removed. */
  sweep(now: number, limit: number = BATCH): { readonly seen: number; readonly removed: Eviction } {
    const rows = this.#due.all(now, limit) as Meta[];
    const expired: Victim[] = [];
    for (const [id, size, , expires] of rows) {
      if (expires !== null && expires <= now) expired.push([id, size]);
      else this.#schedule.run(expires, id);
    }
    const bytes = this.removeRows(expired);
    return { seen: rows.length, removed: { entries: expired.length, bytes } };
  }

  /** Evicts until the bounds hold, and then a little more, so that not every write has to. */
  enforceBounds(now: number): Eviction | undefined {
    const { maxEntries, maxBytes } = this.#settings;
    // Nothing was counted in this transaction: nothing can have grown.
    if (!this.#journal.hasChanges) return undefined;
    const journal = this.#journal;
    if (journal.entries <= maxEntries && journal.bytes <= maxBytes) return undefined;
    this.sweep(now);
    return this.evictTo(lowerBy(maxEntries, BATCH), lowerBy(maxBytes, Infinity));
  }

  /** Evicts a share of all entries, and at least `bytes`. */
  makeRoom(share: number, bytes: number): Eviction {
    const { entries, bytes: held } = this.#journal;
    return this.evictTo(Math.floor(entries * (1 - share)), held - bytes);
  }

  /** Evicts the least recently used until both bounds hold, or `most` are gone. */
  evictTo(maxEntries: number, maxBytes: number, most: number = Infinity): Eviction {
    this.recency.flush(BATCH);
    const journal = this.#journal;
    let entries = 0;
    let bytes = 0;
    while (entries < most && (journal.entries > maxEntries || journal.bytes > maxBytes)) {
      const [victim] = this.#oldest.all(1) as Victim[];
      if (victim === undefined) {
        // The table is empty, whatever was counted.
        journal.count(-journal.entries, -journal.bytes);
        break;
      }
      bytes += this.removeRows([victim]);
      entries++;
    }
    return { entries, bytes };
  }

  /** The longest lifetime that any entry was ever given, in milliseconds. */
  get longestTtl(): number {
    return (this.#longest.get() as number | undefined) ?? 0;
  }

  /** After a rollback: what was taken for written is not. */
  forget(): void {
    this.#longestTtl = undefined;
  }

  #removeRow(id: number, size: number): void {
    this.#delete.run(id);
    this.#journal.count(-1, -size);
  }

  /**
   * `due` is when the sweeper looks at a row. It may be too early, never too late: so an entry that is
   * written again and again does not move through the index each time.
   */
  #reschedule(id: number, due: number | null, expires: number | null): void {
    if (expires !== null && (due === null || due > expires)) this.#schedule.run(expires, id);
  }

  #noteTtl(ttl: number): void {
    this.#longestTtl ??= this.longestTtl;
    if (ttl <= this.#longestTtl) return;
    this.#setLongest.run(ttl);
    this.#longestTtl = ttl;
  }
}

function sizeOf(key: string, bytes: Uint8Array): number {
  return Buffer.byteLength(key) + bytes.length + ENTRY_OVERHEAD;
}

/** A sixty-fourth below the bound, or `most` if that is less. */
function lowerBy(bound: number, most: number): number {
  return bound === Infinity ? Infinity : bound - Math.min(most, Math.floor(bound / 64));
}

function expiryOf(now: number, ttl: number): number | null {
  const expires = now + ttl;
  return expires < LATEST ? expires : null;
}
