import type { SqliteDatabase, SqliteStatement } from '../database/driver.ts';

/** Uses remembered between two flushes; the ones beyond are forgotten, which eviction survives. */
const CAPACITY = 1024;

/** When entries were last used: known to the `interval`, and written down many at a time. */
export class Recency {
  readonly #interval: number;
  readonly #use: SqliteStatement;
  readonly #uses = new Map<number, number>();

  constructor(db: SqliteDatabase, interval: number) {
    this.#interval = interval;
    this.#use = db.prepare('UPDATE entries SET used = ? WHERE id = ? AND used < ?');
  }

  /** How many uses wait to be written down. */
  get pending(): number {
    return this.#uses.size;
  }

  /** Whether a use at `now` has to be written down. */
  isStale(used: number, now: number): boolean {
    return now - used >= this.#interval;
  }

  /** The row `id`, last used at `used`, was used now. */
  note(id: number, used: number, now: number): void {
    if (now - used >= this.#interval && this.#uses.size < CAPACITY) this.#uses.set(id, now);
  }

  /** Writes down at most `limit` uses; within a transaction. */
  flush(limit: number): void {
    let left = limit;
    for (const [id, used] of this.#uses) {
      if (left === 0) return;
      left--;
      this.#use.run(used, id, used);
      this.#uses.delete(id);
    }
  }
}
