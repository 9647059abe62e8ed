import { defineChannel, type Channel } from '@perf/core';

/** Why a batch was sent when it was: it was full, as large as batches usually are, had waited, or was asked to. */
export type BatchTrigger = 'full' | 'expected' | 'time' | 'flush';

/** A batch that is over. */
export interface BatchEvent {
  readonly batcher: string;
  /** How many keys it had. */
  readonly size: number;
  readonly trigger: BatchTrigger;
  /** Milliseconds that its first key waited, for other keys and for its turn. */
  readonly waited: number;
  /** Milliseconds that it took to load. */
  readonly elapsed: number;
  /** `abandoned`: all callers had left before it was over. */
  readonly outcome: 'loaded' | 'failed' | 'timeout' | 'abandoned';
  /** What the whole batch was rejected with. */
  readonly error?: unknown;
}

/** Events of a batcher. */
export interface BatcherEvents {
  readonly batch: BatchEvent;
}

/** State and counters of a batcher since its start. */
export interface BatcherSnapshot {
  readonly name: string;
  /** Keys that wait to be sent. */
  readonly waiting: number;
  /** Batches that load. */
  readonly active: number;
  /** The size at which a batch is sent without further waiting. */
  readonly expectedSize: number;
  /** The size that a batch may have now. */
  readonly sizeLimit: number;
  /** Batches sent. */
  readonly batches: number;
  /** Keys sent. */
  readonly keys: number;
  /** Callers who joined a key that waited already. */
  readonly joined: number;
  /** Callers who left before they had a result. */
  readonly aborted: number;
  /** Keys refused since too many waited. */
  readonly refused: number;
  /** Batches of which all callers were rejected, timeouts among them. */
  readonly failedBatches: number;
  readonly timeouts: number;
  /** Keys whose own entry was an error. */
  readonly failedKeys: number;
  /** The most keys that a batch had. */
  readonly largest: number;
}

/** Every batch that is over. */
export const batchChannel: Channel<BatchEvent> = defineChannel('batcher', 'batch');
