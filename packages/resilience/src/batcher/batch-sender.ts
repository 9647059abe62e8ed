import { DueEntry, TimeoutError, type DueList } from '@perf/core';
import type { Batch } from './batch.ts';
import type { BatchResults, ResolvedBatcherOptions } from './options.ts';
import { settleEntries } from './settle-entries.ts';
import type { BatchEvent, BatchTrigger } from './telemetry.ts';

/** How a batch ended. */
export interface SentBatch {
  readonly event: BatchEvent;
  /** Keys whose own entry was an error. */
  readonly failedKeys: number;
}

/** Loads one batch, settles its entries, and says once when it is over. */
export class BatchSender<K, V, I> extends DueEntry {
  readonly #options: ResolvedBatcherOptions<K, V, I>;
  readonly #batch: Batch<K, V, I>;
  readonly #trigger: BatchTrigger;
  readonly #onEnd: (sent: SentBatch) => void;
  readonly #started: number;
  readonly #due: DueList;
  #abandoned = false;
  #over = false;

  constructor(
    options: ResolvedBatcherOptions<K, V, I>,
    due: DueList,
    batch: Batch<K, V, I>,
    trigger: BatchTrigger,
    onEnd: (sent: SentBatch) => void,
  ) {
    super();
    this.#options = options;
    this.#due = due;
    this.#batch = batch;
    this.#trigger = trigger;
    this.#onEnd = onEnd;
    this.#started = options.clock.now();
  }

  send(): void {
    const { load, timeout } = this.#options;
    let results: BatchResults<V, I> | PromiseLike<BatchResults<V, I>>;
    let later: boolean;
    try {
      // A copy: what the loader does to it must not move keys away from their callers.
      results = load(this.#batch.keys.slice(), this.#batch);
      later = isPromiseLike(results);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!later) {
      this.#succeed(results as BatchResults<V, I>);
      return;
    }
    if (timeout !== Infinity) this.#due.add(this, this.#started + timeout, this.#started);
    // Through a promise of ours: a thenable may call back twice, or throw.
    Promise.resolve(results).then(
      (loaded) => this.#succeed(loaded),
      (error: unknown) => this.#fail(error),
    );
  }

  /** All callers have left. The batch goes on counting as one that loads until it has settled or its time is up. */
  abandon(reason: unknown): void {
    this.#abandoned = true;
    this.#batch.abort(reason);
  }

  #succeed(results: BatchResults<V, I>): void {
    if (this.#over) return;
    let failedKeys: number;
    try {
      failedKeys = settleEntries(this.#options.name, this.#batch, results);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#end(this.#abandoned ? 'abandoned' : 'loaded', failedKeys);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#batch.rejectAll(error);
    this.#end(this.#abandoned ? 'abandoned' : 'failed', 0, error);
  }

  override expire(): void {
    const { name, timeout } = this.#options;
    const error = new TimeoutError(`a batch of "${name}"`, timeout);
    this.#batch.rejectAll(error);
    this.#end('timeout', 0, error);
    this.#batch.abort(error);
  }

  #end(outcome: BatchEvent['outcome'], failedKeys: number, error?: unknown): void {
    this.#over = true;
    this.#due.remove(this);
    const event = {
      batcher: this.#options.name,
      size: this.#batch.size,
      trigger: this.#trigger,
      waited: this.#started - this.#batch.opened,
      elapsed: this.#options.clock.now() - this.#started,
      outcome,
    };
    this.#onEnd({ event: error === undefined ? event : { ...event, error }, failedKeys });
  }
}

function isPromiseLike(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
