import { randomInt } from 'node:crypto';
import type { SqliteDatabase, SqliteStatement } from '../database/driver.ts';

/** Longer keys are not written down one by one: the row then stands for every key. */
const LONGEST_KEY = 1024;
/** The row's key that stands for every key. */
const EVERY_KEY = '';
/** Old rows are removed once in so many. */
const TRIM_EVERY = 128;

/** Keys that other writers changed. */
export interface Drops {
  readonly keys: readonly string[];
  /** The number to read on from. */
  readonly position: number;
  /** Rows were removed unseen, or one stands for every key. */
  readonly gap: boolean;
  readonly complete: boolean;
}

/** The first and the last row's number. */
export interface JournalSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * The table `journal`: a row for each key written or deleted, from which other processes learn what
 * their memory holds no longer rightly. The last row also carries the number and the size of all
 * entries, so that a write changes one page for both and nothing ever has to be counted.
 *
 * Changes are gathered in memory and written by {@link flush} at the end of the transaction.
 */
export class Journal {
  /** Tells this connection's rows from others'. */
  readonly writer: number = randomInt(1, 2 ** 48 - 1);
  /** Rows that this connection has written. */
  appended = 0;
  readonly #limit: number;
  readonly #trimEvery: number;
  readonly #head: SqliteStatement;
  readonly #append: SqliteStatement;
  readonly #update: SqliteStatement;
  readonly #trim: SqliteStatement;
  readonly #since: SqliteStatement;
  #last = 0;
  #entries = 0;
  #bytes = 0;
  #loaded = false;
  #changed = false;
  #keys: string[] = [];

  constructor(db: SqliteDatabase, limit: number) {
    this.#limit = limit;
    this.#trimEvery = Math.max(1, Math.min(TRIM_EVERY, limit >> 3));
    this.#head = db.prepare('SELECT n, entries, bytes FROM journal ORDER BY n DESC LIMIT 1');
    this.#head.raw();
    this.#append = db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?)');
    this.#update = db.prepare('UPDATE journal SET entries = ?, bytes = ? WHERE n = ?');
    this.#trim = db.prepare('DELETE FROM journal WHERE n <= ?');
    this.#since = db.prepare(
      'SELECT n, key, writer FROM journal WHERE n > ? AND n <= ? ORDER BY n LIMIT ?',
    );
    this.#since.raw();
  }

  /** How many entries there are, in the present transaction. */
  get entries(): number {
    this.#load();
    return this.#entries;
  }

  /** Their size in bytes. */
  get bytes(): number {
    this.#load();
    return this.#bytes;
  }

  /** Whether entries came or went in the present transaction. */
  get hasChanges(): boolean {
    return this.#changed;
  }

  /** Entries came or went. */
  count(entries: number, bytes: number): void {
    this.#load();
    this.#entries += entries;
    this.#bytes += bytes;
    this.#changed = true;
  }

  /** The key was written or deleted: whoever holds it in memory has to know. */
  drop(key: string): void {
    this.#keys.push(key.length > LONGEST_KEY ? EVERY_KEY : key);
  }

  /** Every key was. */
  dropAll(): void {
    this.#keys = [EVERY_KEY];
  }

  /** Writes what was gathered; the last thing in a transaction. */
  flush(): void {
    if (this.#keys.length > 0) {
      this.#load();
      const before = this.#last;
      this.appended += this.#keys.length;
      for (const key of this.#keys) {
        this.#last++;
        this.#append.run(this.#last, this.writer, key, this.#entries, this.#bytes);
      }
      const steps = Math.floor(this.#last / this.#trimEvery);
      if (steps > Math.floor(before / this.#trimEvery)) this.#trim.run(this.#last - this.#limit);
    } else if (this.#changed) {
      this.#update.run(this.#entries, this.#bytes, this.#last);
    }
    this.forget();
  }

  /** Drops what was gathered, and what was read in the present transaction. */
  forget(): void {
    this.#loaded = false;
    this.#changed = false;
    if (this.#keys.length > 0) this.#keys = [];
  }

  /** The number and the size of all entries, outside of a transaction. */
  totals(): { readonly entries: number; readonly bytes: number } {
    this.#load();
    this.#loaded = false;
    return { entries: this.#entries, bytes: this.#bytes };
  }

  /** What others changed after `position`, in one unchanging state whose rows are `span`. */
  since(position: number, { first, last }: JournalSpan, limit: number): Drops {
    if (position + 1 < first || position > last) {
      return { keys: [], position: last, gap: true, complete: true };
    }
    const rows = this.#since.all(position, last, limit) as [number, string | null, number][];
    const keys = new Set<string>();
    for (const [, key, writer] of rows) {
      if (writer !== this.writer && key !== null) keys.add(key);
    }
    const gap = keys.delete(EVERY_KEY);
    const complete = rows.length < limit;
    return {
      keys: [...keys],
      position: complete ? last : (rows.at(-1)?.[0] ?? last),
      gap,
      complete,
    };
  }

  #load(): void {
    if (this.#loaded) return;
    const [last, entries, bytes] = this.#head.get() as [number, number, number];
    this.#last = last;
    this.#entries = entries;
    this.#bytes = bytes;
    this.#loaded = true;
  }
}
