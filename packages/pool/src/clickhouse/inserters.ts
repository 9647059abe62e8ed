import { Readable } from 'node:stream';
import type { Clock } from '@perf/core';
import { BatchInserter, type InserterHost, type InsertOrder } from './batch-inserter.ts';
import { literal, partsOf, type TableName } from './identifiers.ts';
import type { InsertBatch } from './insert-batch.ts';
import type { InsertRow } from './insert-data.ts';
import type { Inserter, InserterOptions } from './inserter-options.ts';
import { readThrough } from './read-rows.ts';
import type { Requests } from './requests.ts';
import type { ClickHouseEmitter } from './telemetry.ts';

/** The inserters of a pool, and what they ask of it. */
export class Inserters implements InserterHost {
  readonly #requests: Requests;
  readonly #events: ClickHouseEmitter;
  readonly #query: (sql: string) => Promise<readonly { readonly n: number | string }[]>;
  readonly #all = new Set<BatchInserter<InsertRow>>();

  /** @param query asks the server for numbers */
  constructor(
    requests: Requests,
    events: ClickHouseEmitter,
    query: (sql: string) => Promise<readonly { readonly n: number | string }[]>,
  ) {
    this.#requests = requests;
    this.#events = events;
    this.#query = query;
  }

  get clock(): Clock {
    return this.#requests.settings.clock;
  }

  create<Row extends InsertRow>(table: TableName, options: InserterOptions): Inserter<Row> {
    const inserter = new BatchInserter<Row>(this, table, options);
    this.#all.add(inserter);
    return inserter;
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((inserter) => inserter.close()));
  }

  async send(order: InsertOrder, isSafe: boolean): Promise<void> {
    const { sql, settings, timeout, priority, pieces } = order;
    await this.#requests.run(
      {
        operation: 'insert',
        sql,
        params: undefined,
        settings,
        queryId: undefined,
        values: () => Readable.from(pieces, { objectMode: false }),
      },
      this.#requests.limits(timeout, undefined),
      priority,
      isSafe ? 'transient' : 'unsent',
      readThrough,
    );
  }

  async deduplicates(table: TableName): Promise<boolean> {
    const parts = partsOf('table', table);
    const name = literal(parts.at(-1) ?? '');
    const database = parts.length > 1 ? literal(parts[0] ?? '') : 'currentDatabase()';
    const dropping =
      `engine LIKE 'Replicated%' OR engine LIKE 'Shared%' OR ` +
      `match(create_table_query, 'non_replicated_deduplication_window = [1-9]')`;
    const [answer] = await this.#query(
      `SELECT countIf(${dropping}) AS n FROM system.tables WHERE database = ${database} AND name = ${name}`,
    );
    return Number(answer?.n ?? 0) > 0;
  }

  ended(inserter: BatchInserter<InsertRow>): void {
    this.#all.delete(inserter);
  }

  batchEnded({ rows, bytes }: InsertBatch, table: string, error: unknown): void {
    if (!this.#events.has('batch')) return;
    this.#events.emit('batch', {
      pool: this.#requests.settings.name,
      table,
      rows,
      bytes,
      error,
    });
  }
}
