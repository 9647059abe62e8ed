import type { SqliteDatabase, SqliteStatement } from '../database/driver.ts';

/** The table `tickets`. Every writing method runs within a transaction of its session. */
export class TicketTable {
  readonly #find: SqliteStatement;
  readonly #put: SqliteStatement;
  readonly #renew: SqliteStatement;
  readonly #release: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #removeAll: SqliteStatement;
  readonly #expired: SqliteStatement;
  readonly #sweep: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#find = db.prepare('SELECT ticket FROM tickets WHERE key = ? AND expires > ?');
    this.#find.pluck();
    this.#put = db.prepare('REPLACE INTO tickets VALUES (?, ?, ?)');
    this.#renew = db.prepare(
      'UPDATE tickets SET expires = ? WHERE key = ? AND ticket = ? AND expires > ?',
    );
    this.#release = db.prepare('DELETE FROM tickets WHERE key = ? AND ticket = ? AND expires > ?');
    this.#remove = db.prepare('DELETE FROM tickets WHERE key = ?');
    this.#removeAll = db.prepare('DELETE FROM tickets');
    this.#expired = db.prepare('SELECT 1 FROM tickets WHERE expires <= ? LIMIT 1');
    this.#sweep = db.prepare(
      'DELETE FROM tickets WHERE key IN (SELECT key FROM tickets WHERE expires <= ? LIMIT ?)',
    );
  }

  /** The ticket that stands. */
  standing(key: string, now: number): string | undefined {
    return this.#find.get(key, now) as string | undefined;
  }

  put(key: string, ticket: string, ttl: number, now: number): void {
    this.#put.run(key, ticket, now + ttl);
  }

  /** Whether it stood. */
  renew(key: string, ticket: string, ttl: number, now: number): boolean {
    return this.#renew.run(now + ttl, key, ticket, now).changes > 0;
  }

  /** Whether it stood. */
  release(key: string, ticket: string, now: number): boolean {
    return this.#release.run(key, ticket, now).changes > 0;
  }

  /** Whichever stands. */
  remove(key: string): void {
    this.#remove.run(key);
  }

  removeAll(): void {
    this.#removeAll.run();
  }

  hasExpired(now: number): boolean {
    return this.#expired.get(now) !== undefined;
  }

  /** Removes at most `limit` that nobody renewed. */
  sweep(now: number, limit: number): void {
    this.#sweep.run(now, limit);
  }
}
