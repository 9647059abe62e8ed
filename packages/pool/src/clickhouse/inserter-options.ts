import type { ByteSize, Duration } from '@perf/core';
import type { ClickHouseSettings } from './client.ts';
import type { InsertRow } from './insert-data.ts';

/** Options of an inserter. */
export interface InserterOptions {
  /** @default those of the rows' names, or all in order */
  readonly columns?: readonly string[] | undefined;
  /** How many rows a batch has at the most. @default 10_000 */
  readonly maxRows?: number | undefined;
  /** How large a batch becomes before it is sent. @default '8mb' */
  readonly maxBytes?: ByteSize | undefined;
  /** How long a row waits for others. @default '1s' */
  readonly maxWait?: Duration | undefined;
  /** How much may wait, or be under way; a row beyond that is refused. @default '64mb' */
  readonly maxQueuedBytes?: ByteSize | undefined;
  /** How many batches are under way at once. @default 2 */
  readonly concurrency?: number | undefined;
  /** How long a batch may take, waits and retries included. @default the pool's `queryTimeout` */
  readonly timeout?: Duration | undefined;
  /** From 0 to 9, the higher first. @default 5 */
  readonly priority?: number | undefined;
  /** Settings of each batch. */
  readonly settings?: ClickHouseSettings | undefined;
  /**
   * Whether the table drops a block that it has seen by its `insert_deduplication_token`, which each batch has: only then it is inserted again after trouble
   * in which it may have been written. `'auto'` asks the server once, for replicated and shared tables and those with a
   * `non_replicated_deduplication_window`. @default 'auto'
   */
  readonly deduplicates?: boolean | 'auto' | undefined;
}

/** Gathers rows into batches. */
export interface Inserter<Row extends InsertRow> extends AsyncDisposable {
  /**
   * Adds rows to the batch that grows. Resolves when that is inserted; rejects with what it failed with, all its callers alike, with a
   * {@link ClickHouseInserterFullError}, at once with what `JSON.stringify` throws, and after the close with a `ClosedError`.
   */
  insert(...rows: readonly Row[]): Promise<void>;
  /** Sends what waits, as soon as there is room, without waiting for more. Resolves when all that was added before is over, however it went. */
  flush(): Promise<void>;
  stats(): InserterStats;
  /** {@link flush}; further rows are refused. Idempotent. */
  close(): Promise<void>;
}

/** An inserter since its start: a plain object. `rows` is `insertedRows`, `failedRows`, and those that wait. */
export interface InserterStats {
  /** Rows that wait or are under way. */
  readonly waitingRows: number;
  readonly waitingBytes: number;
  /** Batches under way. */
  readonly active: number;
  /** Rows taken. */
  readonly rows: number;
  readonly insertedRows: number;
  readonly failedRows: number;
  /** Rows refused since too much waited. */
  readonly refusedRows: number;
  /** Batches that are over. */
  readonly batches: number;
}
