import type { Clock } from '@perf/core';
import type { OperationRecord } from './operation-record.ts';

/** An operation that runs until the span ends. */
export interface OperationSpan extends Disposable {
  /** The operation has failed: the span counts as an error when it ends. */
  fail(): void;
  /** The operation is over; what `using` calls at the end of its block. Idempotent. */
  end(): void;
}

export class RecordedSpan implements OperationSpan {
  readonly #record: OperationRecord;
  readonly #clock: Clock;
  readonly #start: number;
  #failed = false;
  #isOver = false;

  constructor(record: OperationRecord, clock: Clock) {
    this.#record = record;
    this.#clock = clock;
    this.#start = clock.now();
    record.begin();
  }

  fail(): void {
    this.#failed = true;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#record.end(this.#start, this.#clock.now(), this.#failed);
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
