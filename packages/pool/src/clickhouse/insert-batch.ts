import { randomUUID } from 'node:crypto';
import { createDeferred, type Deferred } from '@perf/core';

/** Rows that are inserted together, and the promise of all who added them. */
export class InsertBatch {
  /** Tells it from all others, at every attempt the same. */
  readonly token: string = randomUUID();
  readonly done: Deferred<void> = createDeferred();
  /** Pieces of text, each some rows. */
  readonly pieces: string[] = [];
  rows = 0;
  bytes = 0;

  add(text: string, rows: number, bytes: number): void {
    this.pieces.push(text);
    this.rows += rows;
    this.bytes += bytes;
  }
}
