import { defineChannel, type Channel } from '@perf/core';

/** The limit of an adaptive bulkhead has changed. */
export interface AdaptiveBulkheadLimitEvent {
  readonly policy: string;
  readonly limit: number;
  /** What it was before. */
  readonly previous: number;
}

/** An adaptive bulkhead had no room for a call. */
export interface AdaptiveBulkheadRefusedEvent {
  readonly policy: string;
  readonly limit: number;
  readonly priority: number;
}

/** Events of an adaptive bulkhead. */
export interface AdaptiveBulkheadEvents {
  readonly limit: AdaptiveBulkheadLimitEvent;
  readonly refused: AdaptiveBulkheadRefusedEvent;
}

/** What {@link AdaptiveBulkhead.snapshot} returns. */
export interface AdaptiveBulkheadSnapshot {
  readonly name: string;
  /** How many calls may run at once now. */
  readonly limit: number;
  readonly active: number;
  readonly waiting: number;
  /** Since the start. */
  readonly totals: {
    readonly calls: number;
    /** Calls that found no room, or waited in vain. */
    readonly refused: number;
    /** Calls that met an overloaded service. */
    readonly overloaded: number;
  };
}

/** Changes of the limit. */
export const limitChannel: Channel<AdaptiveBulkheadLimitEvent> = defineChannel('bulkhead', 'limit');
