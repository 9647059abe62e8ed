import { Readable } from 'node:stream';
import { ConfigError } from '@perf/core';
import { quoted, quotedTable, type TableName } from './identifiers.ts';

/** A row: by the names of its columns, or their values in order. */
export type InsertRow = Readonly<Record<string, unknown>> | readonly unknown[];

/** Rows, all at hand or one after the other. With a `format`: pieces of text or bytes in it. */
export type InsertRows =
  | readonly (InsertRow | string | Uint8Array)[]
  | AsyncIterable<InsertRow | string | Uint8Array>
  | Iterable<InsertRow | string | Uint8Array>;

/** Data to insert. */
export interface InsertData {
  /** Of the data. */
  readonly format: string;
  /** The bytes; each call begins anew, if that is possible. */
  open(): Readable;
  /** Whether it can begin anew. */
  readonly isRepeatable: boolean;
}

/** About how many characters go out at once. */
const PIECE = 65_536;

/** @throws {@link ConfigError} when it is nothing that has rows */
export function insertData(rows: InsertRows, format: string | undefined): InsertData {
  if (typeof rows !== 'object' || rows === null) throw new ConfigError('rows', rows, 'rows');
  if (format !== undefined) {
    if (!/^\w+$/.test(format)) throw new ConfigError('format', format, 'the name of a format');
    const pieces = rows as AsyncIterable<string | Uint8Array>;
    return {
      format,
      isRepeatable: Array.isArray(rows),
      open: () => Readable.from(bytesOf(pieces), { objectMode: false }),
    };
  }
  if (Array.isArray(rows)) {
    const list = rows as readonly InsertRow[];
    return {
      format: formatOf(list[0]),
      isRepeatable: true,
      open: () => Readable.from(encoded(list), { objectMode: false }),
    };
  }
  if (!(Symbol.asyncIterator in rows) && !(Symbol.iterator in rows)) {
    throw new ConfigError('rows', rows, 'an array, an iterable or an async iterable of rows');
  }
  return {
    format: 'JSONEachRow',
    isRepeatable: false,
    open: () => Readable.from(encoded(rows as AsyncIterable<InsertRow>), { objectMode: false }),
  };
}

/** @throws {@link ConfigError} for a name that is none */
export function insertStatement(
  table: TableName,
  columns: readonly string[] | undefined,
  format: string,
): string {
  const list = columns?.map((column) => quoted('columns', column)).join(', ');
  const names = list === undefined ? '' : ` (${list})`;
  return `INSERT INTO ${quotedTable('table', table)}${names} FORMAT ${format}`;
}

export function formatOf(row: InsertRow | undefined): 'JSONEachRow' | 'JSONCompactEachRow' {
  return Array.isArray(row) ? 'JSONCompactEachRow' : 'JSONEachRow';
}

async function* encoded(
  rows: Iterable<InsertRow> | AsyncIterable<InsertRow>,
): AsyncGenerator<string> {
  let piece = '';
  for await (const row of rows) {
    piece += `${JSON.stringify(row)}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

async function* bytesOf(
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array | string> {
  for await (const piece of pieces) yield piece;
}
