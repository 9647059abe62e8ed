import { readEnvelopeHeader } from '@perf/cache-core';
import type { ByteSize, Duration } from '@perf/core';
import type { SqliteDatabase } from '../database/driver.ts';

/** Which entries are wanted; all conditions hold together. */
export interface EntryQuery {
  /** Keys that begin with this. @default '' */
  readonly prefix?: string;
  /** Entries that carry this tag. */
  readonly tag?: string;
  /** Entries last written more than this long ago. */
  readonly olderThan?: Duration;
  /** Entries whose key and value take more than this. */
  readonly largerThan?: ByteSize;
  /** The most entries returned. @default Infinity */
  readonly limit?: number;
}

/** What is known about an entry, without its value. */
export interface EntryInfo {
  readonly key: string;
  /** Bytes as counted for `maxBytes`. */
  readonly size: number;
  /** When it was last written, in epoch milliseconds. */
  readonly created: number;
  /** When it was last read or written, in epoch milliseconds; as precise as `recencyInterval`. */
  readonly used: number;
  /** When it expires, in epoch milliseconds; `Infinity` for never. */
  readonly expires: number;
  /** Its tags; none when the bytes were not written by a cache of `@perf/cache-core`. */
  readonly tags: readonly string[];
}

/** {@link EntryQuery} checked and completed. */
export interface EntryFilter {
  readonly prefix: string;
  readonly tag: string | undefined;
  readonly createdBefore: number;
  readonly sizeAbove: number;
}

/** A part of an answer, and the key after which the next part begins. */
export interface BrowsedPage {
  readonly entries: readonly EntryInfo[];
  readonly next: string | undefined;
}

/** Keys in one page, and rows looked at for one page of entries. */
const KEYS_PER_PAGE = 500;
const ROWS_PER_PAGE = 100;
/** Bytes that are read of each value for its tags; a header beyond is read with the whole value. */
const HEADER = 4096;

type Row = readonly [
  key: string,
  size: number,
  created: number,
  used: number,
  expires: number | null,
  head: Uint8Array,
];

/** Keys that begin with `prefix`, after `after`, in the order of their UTF-8; `[]` at the end. */
export function keysAfter(
  db: SqliteDatabase,
  prefix: string,
  after: string,
  now: number,
): readonly string[] {
  const statement = db.prepare(
    `SELECT key FROM entries WHERE key >= ? AND key > ? AND (expires IS NULL OR expires > ?)
     ORDER BY key LIMIT ${KEYS_PER_PAGE}`,
  );
  statement.pluck();
  const keys = statement.all(prefix, after, now) as string[];
  // Keys with a common beginning are neighbours.
  const end = keys.findIndex((key) => !key.startsWith(prefix));
  return end === -1 ? keys : keys.slice(0, end);
}

/** A page of entries after the key `after`. */
export function entriesAfter(
  db: SqliteDatabase,
  filter: EntryFilter,
  after: string,
  now: number,
): BrowsedPage {
  const statement = db.prepare(
    `SELECT key, size, created, used, expires, substr(bytes, 1, ${HEADER}) FROM entries
     WHERE key >= ? AND key > ? ORDER BY key LIMIT ${ROWS_PER_PAGE}`,
  );
  statement.raw();
  const rows = statement.all(filter.prefix, after) as Row[];
  const entries: EntryInfo[] = [];
  for (const [key, size, created, used, expires, head] of rows) {
    if (!key.startsWith(filter.prefix)) return { entries, next: undefined };
    if (expires !== null && expires <= now) continue;
    if (created >= filter.createdBefore || size <= filter.sizeAbove) continue;
    const tags = tagsOf(head, () => wholeValue(db, key));
    if (filter.tag !== undefined && !tags.includes(filter.tag)) continue;
    entries.push({ key, size, created, used, expires: expires ?? Infinity, tags });
  }
  return { entries, next: rows.length === ROWS_PER_PAGE ? rows.at(-1)?.[0] : undefined };
}

function tagsOf(head: Uint8Array, whole: () => Uint8Array): readonly string[] {
  let header = readEnvelopeHeader(head);
  if ('fault' in header && header.fault === 'truncated' && head.length === HEADER) {
    header = readEnvelopeHeader(whole());
  }
  return 'fault' in header ? [] : header.tags;
}

function wholeValue(db: SqliteDatabase, key: string): Uint8Array {
  const statement = db.prepare('SELECT bytes FROM entries WHERE key = ?');
  statement.pluck();
  return (statement.get(key) as Uint8Array | undefined) ?? new Uint8Array();
}
