import {
  checkInteger,
  checkKnown,
  checkOneOf,
  ClosedError,
  toBytes,
  toMilliseconds,
  type Clock,
  type Timer,
} from '@perf/core';
import type { ClickHouseSettings } from './client.ts';
import { ClickHouseInserterFullError } from './errors.ts';
import { quotedTable, type TableName } from './identifiers.ts';
import { InsertBatch } from './insert-batch.ts';
import { formatOf, insertStatement, type InsertRow } from './insert-data.ts';
import type { Inserter, InserterOptions, InserterStats } from './inserter-options.ts';

/** What an inserter needs of its pool. */
export interface InserterHost {
  readonly clock: Clock;
  /** Inserts a batch. @param isSafe whether it may be done again when it may have been written */
  send(order: InsertOrder, isSafe: boolean): Promise<void>;
  /** Whether the table drops what it has seen. */
  deduplicates(table: TableName): Promise<boolean>;
  ended(inserter: BatchInserter<InsertRow>): void;
  batchEnded(batch: InsertBatch, table: string, error: unknown): void;
}

/** A batch, ready to go. */
export interface InsertOrder {
  readonly sql: string;
  readonly pieces: readonly string[];
  readonly settings: ClickHouseSettings;
  readonly timeout: number | undefined;
  readonly priority: number | undefined;
}

const KIND = 'inserter';
const KNOWN: readonly (keyof InserterOptions)[] = [
  'columns',
  'maxRows',
  'maxBytes',
  'maxWait',
  'maxQueuedBytes',
  'concurrency',
  'timeout',
  'priority',
  'settings',
  'deduplicates',
];

/** Batches of one table: one grows, full ones wait for their turn, some are under way. */
export class BatchInserter<Row extends InsertRow> implements Inserter<Row> {
  readonly #host: InserterHost;
  readonly #table: TableName;
  readonly #label: string;
  readonly #options: InserterOptions;
  readonly #maxRows: number;
  readonly #maxBytes: number;
  readonly #maxWait: number;
  readonly #maxQueuedBytes: number;
  readonly #concurrency: number;
  readonly #timeout: number | undefined;
  #sql: string | undefined;
  #deduplicates: Promise<boolean> | undefined;
  #open: InsertBatch | undefined;
  #timer: Timer | undefined;
  readonly #full: InsertBatch[] = [];
  readonly #active = new Set<InsertBatch>();
  #closing: Promise<void> | undefined;
  #waitingBytes = 0;
  readonly #counts = { rows: 0, insertedRows: 0, failedRows: 0, refusedRows: 0, batches: 0 };

  /** @throws {@link ConfigError} naming the option that is refused */
  constructor(host: InserterHost, table: TableName, options: InserterOptions) {
    checkKnown(KIND, options, KNOWN);
    const { deduplicates = 'auto', columns, timeout } = options;
    this.#host = host;
    this.#table = table;
    this.#label = quotedTable(`${KIND}.table`, table);
    this.#options = options;
    this.#maxRows = checkInteger(`${KIND}.maxRows`, options.maxRows ?? 10_000);
    this.#maxBytes = toBytes(`${KIND}.maxBytes`, options.maxBytes ?? '8mb');
    this.#maxWait = toMilliseconds(`${KIND}.maxWait`, options.maxWait ?? '1s', { min: 0 });
    this.#maxQueuedBytes = toBytes(`${KIND}.maxQueuedBytes`, options.maxQueuedBytes ?? '64mb');
    this.#concurrency = checkInteger(`${KIND}.concurrency`, options.concurrency ?? 2);
    this.#timeout = timeout === undefined ? undefined : toMilliseconds(`${KIND}.timeout`, timeout);
    if (typeof deduplicates === 'boolean') this.#deduplicates = Promise.resolve(deduplicates);
    else checkOneOf(`${KIND}.deduplicates`, deduplicates, ['auto']);
    insertStatement(table, columns, 'JSONEachRow');
  }

  insert(...rows: readonly Row[]): Promise<void> {
    if (this.#closing !== undefined) {
      return Promise.reject(new ClosedError(`the inserter of ${this.#label}`));
    }
    if (rows.length === 0) return Promise.resolve();
    let text = '';
    try {
      for (const row of rows) text += `${JSON.stringify(row)}\n`;
    } catch (error) {
      return Promise.reject(error);
    }
    const bytes = Buffer.byteLength(text);
    if (this.#waitingBytes + bytes > this.#maxQueuedBytes) {
      this.#counts.refusedRows += rows.length;
      return Promise.reject(new ClickHouseInserterFullError(this.#label, this.#maxQueuedBytes));
    }
    this.#sql ??= insertStatement(this.#table, this.#options.columns, formatOf(rows[0]));
    const batch = (this.#open ??= this.#begin());
    batch.add(text, rows.length, bytes);
    this.#waitingBytes += bytes;
    this.#counts.rows += rows.length;
    if (batch.rows >= this.#maxRows || batch.bytes >= this.#maxBytes) this.#fill();
    return batch.done.promise;
  }

  async flush(): Promise<void> {
    this.#fill();
    const pending = [...this.#full, ...this.#active];
    await Promise.allSettled(pending.map(({ done }) => done.promise));
  }

  stats(): InserterStats {
    const { rows, insertedRows, failedRows } = this.#counts;
    return {
      waitingRows: rows - insertedRows - failedRows,
      waitingBytes: this.#waitingBytes,
      active: this.#active.size,
      ...this.#counts,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.flush().then(() => {
      this.#host.ended(this);
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #begin(): InsertBatch {
    // Somebody may await it: the process stays alive until it is sent.
    this.#timer = this.#host.clock.setTimer(() => this.#fill(), this.#maxWait, { keepAlive: true });
    return new InsertBatch();
  }

  /** The open batch grows no more. */
  #fill(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    this.#timer?.cancel();
    this.#open = undefined;
    this.#full.push(batch);
    this.#pump();
  }

  #pump(): void {
    while (this.#active.size < this.#concurrency) {
      const batch = this.#full.shift();
      if (batch === undefined) return;
      this.#active.add(batch);
      void this.#send(batch);
    }
  }

  async #send(batch: InsertBatch): Promise<void> {
    const { settings, priority } = this.#options;
    let error: unknown;
    try {
      const isSafe = await this.#isSafe();
      const order: InsertOrder = {
        sql: this.#sql ?? '',
        pieces: batch.pieces,
        settings: { ...settings, insert_deduplication_token: batch.token },
        timeout: this.#timeout,
        priority,
      };
      await this.#host.send(order, isSafe);
      this.#counts.insertedRows += batch.rows;
    } catch (caught) {
      error = caught ?? new Error('the insert failed');
      this.#counts.failedRows += batch.rows;
    }
    this.#counts.batches++;
    this.#waitingBytes -= batch.bytes;
    this.#active.delete(batch);
    this.#pump();
    if (error === undefined) batch.done.resolve();
    else batch.done.reject(error);
    this.#host.batchEnded(batch, this.#label, error);
  }

  async #isSafe(): Promise<boolean> {
    this.#deduplicates ??= this.#host.deduplicates(this.#table);
    try {
      return await this.#deduplicates;
    } catch {
      // Not known: asked again with the next batch.
      this.#deduplicates = undefined;
      return false;
    }
  }
}
