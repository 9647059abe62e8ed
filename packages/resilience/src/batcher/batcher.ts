import { ClosedError, DueList, Emitter, Lifecycle } from '@perf/core';
import type { Closeable, Listenable, Unsubscribe } from '@perf/core';
import { BatchQueueFullError } from '../errors.ts';
import { BatchQueue, type DueBatch } from './batch-queue.ts';
import { BatchSender, type SentBatch } from './batch-sender.ts';
import type { Batch, BatchEntry } from './batch.ts';
import {
  resolveBatcherOptions,
  type BatcherOptions,
  type ResolvedBatcherOptions,
} from './options.ts';
import { batchChannel, type BatcherEvents, type BatcherSnapshot } from './telemetry.ts';

/** Options of {@link Batcher.load}. */
export interface BatchLoadOptions {
  /** Ends this caller's wait when it aborts; the rejection is its reason. Others go on waiting for the key. */
  readonly signal?: AbortSignal | undefined;
}

/** Gathers single loads into batches. Keeps no results: a key that is asked for later is loaded again. */
export interface Batcher<K, V> extends Closeable, Listenable<BatcherEvents> {
  /** Told in errors, events and snapshots. */
  readonly name: string;
  /**
   * What belongs to the key. Rejects with the key's own error, with what its whole batch was rejected with, with a
   * `TimeoutError` when that took too long, with a {@link BatchQueueFullError} when too many keys wait, with the
   * signal's reason, and with a `ClosedError` after {@link close}.
   */
  load(key: K, options?: BatchLoadOptions): Promise<V>;
  /** As many results as keys and in their order; where one was rejected, the error is in its place. */
  loadMany(keys: readonly K[], options?: BatchLoadOptions): Promise<(V | Error)[]>;
  /** Sends what waits, as soon as there is room for it, without waiting for more. */
  flush(): void;
  /** State and counters since the start. */
  snapshot(): BatcherSnapshot;
  /** Sends what waits, and resolves once every batch is over; each is bounded by `timeout`. New keys are refused. */
  close(): Promise<void>;
}

/**
 * Makes a {@link Batcher}.
 * @throws `ConfigError` naming the first option that is refused
 * @example
 * const users = createBatcher({ load: (ids: readonly number[]) => database.users(ids) });
 * const [ada, alan] = await Promise.all([users.load(1), users.load(2)]); // one call with [1, 2]
 */
export function createBatcher<K, V, I = K>(options: BatcherOptions<K, V, I>): Batcher<K, V> {
  return new LoadBatcher(resolveBatcherOptions(options));
}

class LoadBatcher<K, V, I> implements Batcher<K, V> {
  readonly name: string;
  readonly #options: ResolvedBatcherOptions<K, V, I>;
  readonly #identify: ((key: K) => I) | undefined;
  readonly #maxQueue: number;
  readonly #events = new Emitter<BatcherEvents>(['batch']);
  readonly #lifecycle: Lifecycle;
  readonly #queue: BatchQueue<K, V, I>;
  /** When batches are given up. */
  readonly #due: DueList;
  readonly #active = new Map<Batch<K, V, I>, BatchSender<K, V, I>>();
  readonly #counters = {
    batches: 0,
    keys: 0,
    joined: 0,
    aborted: 0,
    refused: 0,
    failedBatches: 0,
    timeouts: 0,
    failedKeys: 0,
    largest: 0,
  };
  #open = true;
  #sending = false;
  #onIdle: (() => void) | undefined;

  constructor(options: ResolvedBatcherOptions<K, V, I>) {
    this.name = options.name;
    this.#options = options;
    this.#identify = options.key;
    this.#maxQueue = options.maxQueue;
    this.#due = new DueList(options.clock);
    this.#queue = new BatchQueue(options, () => {
      this.#send();
    });
    this.#lifecycle = new Lifecycle(`the batcher "${this.name}"`, () => this.#drain());
  }

  load(key: K, options?: BatchLoadOptions): Promise<V> {
    if (options === undefined && this.#identify === undefined && this.#open) {
      // A key is its own identity unless there is a function for that.
      return this.#enqueue(key, key as unknown as I, undefined);
    }
    return this.#loadWith(key, options?.signal);
  }

  loadMany(keys: readonly K[], options?: BatchLoadOptions): Promise<(V | Error)[]> {
    return Promise.all(keys.map((key) => this.load(key, options).catch(toError)));
  }

  flush(): void {
    this.#queue.flush();
  }

  on<Event extends keyof BatcherEvents>(
    event: Event,
    listener: (payload: BatcherEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  snapshot(): BatcherSnapshot {
    return {
      name: this.name,
      waiting: this.#queue.waiting,
      active: this.#active.size,
      expectedSize: this.#queue.expectedSize,
      sizeLimit: this.#queue.size.limit,
      ...this.#counters,
    };
  }

  close(): Promise<void> {
    this.#open = false;
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #loadWith(key: K, signal: AbortSignal | undefined): Promise<V> {
    if (!this.#open) return Promise.reject(new ClosedError(`the batcher "${this.name}"`));
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const identify = this.#identify;
    try {
      const identity = identify === undefined ? (key as unknown as I) : identify(key);
      return this.#enqueue(key, identity, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #enqueue(key: K, identity: I, signal: AbortSignal | undefined): Promise<V> {
    let entry = this.#queue.find(identity);
    if (entry !== undefined) {
      this.#counters.joined++;
      entry.callers++;
    } else if (this.#queue.waiting < this.#maxQueue) {
      entry = this.#queue.add(key, identity);
    } else {
      this.#counters.refused++;
      return Promise.reject(new BatchQueueFullError(this.name, this.#maxQueue));
    }
    return signal === undefined ? entry.promise : this.#waitAbortably(entry, signal);
  }

  #waitAbortably(entry: BatchEntry<K, V, I>, signal: AbortSignal): Promise<V> {
    return new Promise<V>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error);
        this.#leave(entry, signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      entry.promise.then(
        (value) => {
          signal.removeEventListener('abort', onAbort);
          resolve(value);
        },
        (error: unknown) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      );
    });
  }

  #leave(entry: BatchEntry<K, V, I>, reason: unknown): void {
    this.#counters.aborted++;
    if (--entry.callers > 0) return;
    if (!entry.batch.sent) {
      this.#queue.remove(entry);
      this.#checkIdle();
    } else if (entry.batch.abandonOne()) {
      this.#active.get(entry.batch)?.abandon(reason);
    }
  }

  #send(): void {
    // A batch that is over at once asks for the next one: in this loop, not from within itself.
    if (this.#sending) return;
    this.#sending = true;
    while (this.#active.size < this.#options.concurrency) {
      const due = this.#queue.take();
      if (due === undefined) break;
      this.#start(due);
    }
    this.#sending = false;
  }

  #start({ batch, trigger }: DueBatch<K, V, I>): void {
    const sender = new BatchSender(this.#options, this.#due, batch, trigger, (sent) => {
      this.#active.delete(batch);
      this.#count(sent);
      this.#send();
      this.#checkIdle();
    });
    this.#active.set(batch, sender);
    sender.send();
  }

  #count({ event, failedKeys }: SentBatch): void {
    const counters = this.#counters;
    const { size, elapsed, outcome } = event;
    counters.batches++;
    counters.keys += size;
    counters.failedKeys += failedKeys;
    counters.largest = Math.max(counters.largest, size);
    if (outcome === 'timeout') counters.timeouts++;
    if (outcome === 'timeout' || outcome === 'failed') counters.failedBatches++;
    this.#queue.size.loaded(size, elapsed, outcome === 'timeout');
    this.#events.emit('batch', event);
    if (batchChannel.active) batchChannel.publish(event);
  }

  #drain(): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    this.#queue.flush();
    this.#checkIdle();
    return idle;
  }

  #checkIdle(): void {
    if (this.#queue.waiting === 0 && this.#active.size === 0) this.#onIdle?.();
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason), { cause: reason });
}
