import { checkInteger, checkKnown, ConfigError, toBytes, toMilliseconds } from '@perf/core';
import type { ByteSize, Duration } from '@perf/core';
import type { Session } from '../session/session.ts';

/** Which entries `cleanup` removes. */
export type CleanupRule =
  /** Those whose time is over. */
  | { readonly by: 'expired' }
  /** Those not read or written for this long. */
  | { readonly by: 'lru'; readonly unusedFor: Duration }
  /** The least recently used, until no more than this are left. */
  | { readonly by: 'lru'; readonly maxEntries?: number; readonly maxBytes?: ByteSize }
  /** Those last written more than this long ago. */
  | { readonly by: 'age'; readonly olderThan: Duration }
  /** Those whose key and value take more than this. */
  | { readonly by: 'size'; readonly largerThan: ByteSize };

/** What was removed. */
export interface Cleaned {
  readonly entries: number;
  /** As counted for `maxBytes`. */
  readonly bytes: number;
}

/** A {@link CleanupRule} checked, with absolute times; can be sent to a worker. */
export type CleanupPlan =
  | { readonly kind: 'expired' }
  | { readonly kind: 'unused'; readonly before: number }
  | { readonly kind: 'down-to'; readonly entries: number; readonly bytes: number }
  | {
      readonly kind: 'where';
      readonly column: 'created' | 'size';
      readonly below: number;
      readonly above: number;
    };

/** Where a cleanup that is done in parts goes on. */
export interface CleanupStep {
  readonly removed: Cleaned;
  /** The row to go on after; `undefined` at the end. */
  readonly next: number | undefined;
}

const KNOWN: readonly string[] = [
  'by',
  'unusedFor',
  'maxEntries',
  'maxBytes',
  'olderThan',
  'largerThan',
];

/** Rows looked at in one part. */
const BATCH = 64;

type Row = readonly [id: number, size: number, created: number];

/** @throws ConfigError naming what is wrong with the rule */
export function planCleanup(rule: CleanupRule, now: number): CleanupPlan {
  checkKnown('cleanup', rule, KNOWN);
  switch (rule.by) {
    case 'expired': {
      return { kind: 'expired' };
    }
    case 'lru': {
      if ('unusedFor' in rule) {
        return { kind: 'unused', before: now - toMilliseconds('unusedFor', rule.unusedFor) };
      }
      const { maxEntries = Infinity, maxBytes = Infinity } = rule;
      return {
        kind: 'down-to',
        entries: checkInteger('maxEntries', maxEntries, { min: 0, infinite: true }),
        bytes: toBytes('maxBytes', maxBytes, { min: 0, infinite: true }),
      };
    }
    case 'age': {
      const below = now - toMilliseconds('olderThan', rule.olderThan);
      return { kind: 'where', column: 'created', below, above: -1 };
    }
    case 'size': {
      const above = toBytes('largerThan', rule.largerThan, { min: 0 });
      return { kind: 'where', column: 'size', below: Infinity, above };
    }
    default: {
      const { by } = rule as { readonly by: unknown };
      throw new ConfigError('by', by, `one of 'expired', 'lru', 'age', 'size'`);
    }
  }
}

/** One part of a cleanup, in one transaction. `after` is 0 at first, then what the last part said. */
export function cleanUp(session: Session, plan: CleanupPlan, after: number): CleanupStep {
  return session.write(() => {
    if (plan.kind === 'expired') return cleanExpired(session);
    if (plan.kind === 'unused') return cleanUnused(session, plan.before);
    if (plan.kind === 'down-to') return cleanDownTo(session, plan.entries, plan.bytes);
    return cleanWhere(session, plan, after);
  });
}

function cleanExpired({ entries, clock }: Session): CleanupStep {
  const { seen, removed } = entries.sweep(clock.epoch(), BATCH);
  return { removed, next: seen === BATCH ? 0 : undefined };
}

function cleanUnused({ db, entries }: Session, before: number): CleanupStep {
  entries.recency.flush(Infinity);
  const statement = db.prepare(
    `SELECT id, size FROM entries WHERE used < ? ORDER BY used LIMIT ${BATCH}`,
  );
  statement.raw();
  const rows = statement.all(before) as [number, number][];
  const bytes = entries.removeRows(rows);
  return {
    removed: { entries: rows.length, bytes },
    next: rows.length === BATCH ? 0 : undefined,
  };
}

function cleanDownTo(session: Session, maxEntries: number, maxBytes: number): CleanupStep {
  const { entries, journal } = session;
  entries.recency.flush(Infinity);
  const removed = entries.evictTo(maxEntries, maxBytes, BATCH);
  const done = journal.entries <= maxEntries && journal.bytes <= maxBytes;
  return { removed, next: done || removed.entries === 0 ? undefined : 0 };
}

function cleanWhere(
  { db, entries }: Session,
  { column, below, above }: Extract<CleanupPlan, { readonly kind: 'where' }>,
  after: number,
): CleanupStep {
  const statement = db.prepare(
    `SELECT id, size, ${column} FROM entries WHERE id > ? ORDER BY id LIMIT ${BATCH}`,
  );
  statement.raw();
  const rows = statement.all(after) as Row[];
  const chosen = rows.filter(([, , value]) => value < below && value > above);
  const bytes = entries.removeRows(chosen.map(([id, size]) => [id, size]));
  return {
    removed: { entries: chosen.length, bytes },
    next: rows.length === BATCH ? rows.at(-1)?.[0] : undefined,
  };
}
