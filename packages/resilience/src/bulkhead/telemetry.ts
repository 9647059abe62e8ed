/** A call that was not let in: the queue was full (`full`), its turn came not in time (`timeout`), or its own deadline passed (`deadline`). */
export interface BulkheadRefusedEvent {
  readonly policy: string;
  readonly reason: 'full' | 'timeout' | 'deadline';
  readonly active: number;
  readonly waiting: number;
}

/** Events of a {@link Bulkhead}. */
export interface BulkheadEvents {
  readonly refused: BulkheadRefusedEvent;
}

/** Every name of {@link BulkheadEvents}. */
export const BULKHEAD_EVENTS = ['refused'] as const;

/** What {@link Bulkhead.snapshot} returns. */
export interface BulkheadSnapshot {
  readonly name: string;
  readonly limit: number;
  readonly maxQueue: number;
  readonly active: number;
  readonly waiting: number;
  /** Since the start. */
  readonly totals: {
    /** Calls that ran, or run. */
    readonly admitted: number;
    /** How many of them had to wait. */
    readonly queued: number;
    readonly refused: {
      readonly full: number;
      readonly timeout: number;
      readonly deadline: number;
    };
    /** Calls that gave up while they waited. */
    readonly aborted: number;
  };
}
