import type {
  BumpReply,
  LedgerDelta,
  LedgerFact,
  LedgerKind,
  LedgerMember,
  LedgerPosition,
} from '@perf/cache-core';
import type { SqliteDatabase, SqliteStatement } from '../database/driver.ts';
import { newLedgerId } from '../database/schema.ts';
import type { Journal, JournalSpan } from '../entries/journal.ts';

/** More facts of a kind than `limit`: the oldest `share` goes, and the floor rises to it. */
const BOUNDS: Readonly<Record<string, { readonly limit: number; readonly share: number }>> = {
  tag: { limit: 10_000, share: 1 / 10 },
  soft: { limit: 10_000, share: 1 / 10 },
  pattern: { limit: 64, share: 1 / 2 },
};
/** Facts too old to concern any entry that one bump removes at most. */
const AGED_PER_BUMP = 100;
/** Facts are counted once in so many bumped. */
const COUNT_EVERY = 64;
/** Facts younger than this are kept whatever the lifetimes: entries in memory may outlive those in the file. */
const YOUNGEST_AGED = 3_600_000;
/** Facts, and rows of the journal, in one reply. */
const PAGE = 1000;

/** The ends of the ledger and the journal, in one unchanging state. */
interface Heads extends JournalSpan {
  readonly id: string | null;
  readonly seq: number;
}

/**
 * The table `ledger`: a row for each tag and pattern, and one for everything, with the number of its
 * last invalidation; and the row of the kind `id`, whose name is the ledger's identity.
 */
export class LedgerTable {
  readonly #journal: Journal;
  readonly #dropLog: number;
  readonly #version: SqliteStatement;
  readonly #heads: SqliteStatement;
  readonly #create: SqliteStatement;
  readonly #put: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #aged: SqliteStatement;
  readonly #countOf: SqliteStatement;
  readonly #oldestOf: SqliteStatement;
  readonly #boundary: SqliteStatement;
  readonly #since: SqliteStatement;
  readonly #uncounted = new Map<LedgerKind, number>();
  #known: Heads | undefined;
  #knownVersion: unknown;
  #knownAppended = 0;

  constructor(db: SqliteDatabase, journal: Journal, dropLog: number) {
    this.#journal = journal;
    this.#dropLog = dropLog;
    const raw = (sql: string): SqliteStatement => {
      const statement = db.prepare(sql);
      statement.raw();
      return statement;
    };
    this.#version = db.prepare('PRAGMA data_version');
    this.#version.pluck();
    this.#heads = raw(
      `SELECT (SELECT name FROM ledger WHERE kind = 'id' LIMIT 1), (SELECT max(seq) FROM ledger),
              (SELECT min(n) FROM journal), (SELECT max(n) FROM journal)`,
    );
    this.#create = db.prepare(`INSERT INTO ledger VALUES ('id', ?, -1)`);
    this.#put = db.prepare(
      'INSERT INTO ledger VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)',
    );
    this.#remove = db.prepare('DELETE FROM ledger WHERE kind = ? AND name = ?');
    this.#aged = raw(
      `SELECT kind, name, seq FROM ledger
       WHERE seq >= 0 AND seq < ? AND kind <> 'all' ORDER BY seq LIMIT ${AGED_PER_BUMP}`,
    );
    this.#countOf = db.prepare('SELECT count(*) FROM ledger WHERE kind = ?');
    this.#countOf.pluck();
    this.#oldestOf = raw(
      'SELECT kind, name, seq FROM ledger WHERE kind = ? ORDER BY seq, name LIMIT ?',
    );
    this.#boundary = db.prepare(
      `SELECT seq FROM ledger WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ${PAGE - 1}`,
    );
    this.#boundary.pluck();
    this.#since = raw(
      'SELECT kind, name, seq FROM ledger WHERE seq > ? AND seq <= ? AND seq >= 0 ORDER BY seq',
    );
  }

  /** Within a transaction that holds the write lock. */
  bump(
    members: readonly LedgerMember[],
    reached: number,
    now: number,
    longestTtl: number,
  ): BumpReply {
    const { id, seq: prev } = this.#ensure();
    // Nothing would carry the new number, and readers would take the ledger for rolled back.
    if (members.length === 0) return { id, prev, seq: prev };
    const micros = now * 1000;
    const seq = Math.max(prev, reached, micros) + 1;
    for (const { kind, name } of members) {
      this.#put.run(kind, name, seq);
      this.#uncounted.set(kind, (this.#uncounted.get(kind) ?? 0) + 1);
    }
    this.#trim(micros - Math.max(longestTtl, YOUNGEST_AGED) * 1000);
    this.#known = undefined;
    return { id, prev, seq };
  }

  /**
   * The reply when nothing has changed since the position, found by the cheapest question that SQLite
   * answers; `undefined` when something may have.
   */
  unchangedSince(position: LedgerPosition): LedgerDelta | undefined {
    const { appended } = this.#journal;
    // It moves when another connection commits. Of our own commits, bumps forget what is known, and
    // rows of the journal matter only once they push out others'.
    const version = this.#version.get();
    if (
      this.#known === undefined ||
      version !== this.#knownVersion ||
      appended - this.#knownAppended > this.#dropLog / 2
    ) {
      // Taken after the version: what is committed in between shows as a change again.
      this.#known = this.#readHeads();
      this.#knownVersion = version;
      this.#knownAppended = appended;
    }
    const { id, seq, last } = this.#known;
    if (id === null || position.seq < seq || position.drop !== last) return undefined;
    return { id, facts: [], seq, drops: [], drop: last, gap: false, complete: true };
  }

  /** Whether there is a ledger; it is only ever missing when somebody removed it. */
  get exists(): boolean {
    return this.#readHeads().id !== null;
  }

  create(): void {
    this.#ensure();
  }

  /** Within a transaction. */
  delta(position: LedgerPosition): LedgerDelta {
    const { id, seq, ...span } = this.#readHeads();
    const boundary = (this.#boundary.get(position.seq) as number | undefined) ?? seq;
    const facts = this.#since.all(position.seq, boundary) as [LedgerKind, string, number][];
    const drops = this.#journal.since(position.drop, span, PAGE);
    return {
      id: id ?? '',
      facts: facts.map(([kind, name, seq]): LedgerFact => ({ kind, name, seq })),
      seq,
      drops: drops.keys,
      drop: drops.position,
      gap: drops.gap,
      complete: boundary >= seq && drops.complete,
    };
  }

  #readHeads(): Heads {
    const [id, seq, first, last] = this.#heads.get() as [string | null, number, number, number];
    return { id, seq: Math.max(0, seq), first, last };
  }

  #ensure(): { readonly id: string; readonly seq: number } {
    const { id, seq } = this.#readHeads();
    if (id !== null) return { id, seq };
    const created = newLedgerId();
    this.#create.run(created);
    this.#known = undefined;
    return { id: created, seq };
  }

  #trim(before: number): void {
    if (before > 0) this.#forget(this.#aged.all(before) as [LedgerKind, string, number][]);
    for (const [kind, { limit, share }] of Object.entries(BOUNDS)) {
      const uncounted = this.#uncounted.get(kind as LedgerKind) ?? 0;
      if (uncounted === 0 || (uncounted < COUNT_EVERY && limit > COUNT_EVERY)) continue;
      this.#uncounted.delete(kind as LedgerKind);
      const count = this.#countOf.get(kind) as number;
      if (count <= limit) continue;
      this.#forget(
        this.#oldestOf.all(kind, Math.ceil(count * share)) as [LedgerKind, string, number][],
      );
    }
  }

  /** What is forgotten one by one is remembered for everything. */
  #forget(facts: readonly (readonly [kind: LedgerKind, name: string, seq: number])[]): void {
    let highest = 0;
    for (const [kind, name, seq] of facts) {
      this.#remove.run(kind, name);
      highest = Math.max(highest, seq);
    }
    if (highest > 0) this.#put.run('all', '', highest);
  }
}
