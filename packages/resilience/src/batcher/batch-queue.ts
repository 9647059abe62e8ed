import { DueEntry, DueList } from '@perf/core';
import { AdaptiveSize } from './adaptive-size.ts';
import { Batch, type BatchEntry } from './batch.ts';
import { ExpectedSize } from './expected-size.ts';
import type { ResolvedBatcherOptions } from './options.ts';
import type { BatchTrigger } from './telemetry.ts';

/** A batch that may be sent, and why. */
export interface DueBatch<K, V, I> {
  readonly batch: Batch<K, V, I>;
  readonly trigger: BatchTrigger;
}

/** The end of the open batch's wait. */
class WaitEnd extends DueEntry {
  readonly #onEnd: () => void;

  constructor(onEnd: () => void) {
    super();
    this.#onEnd = onEnd;
  }

  override expire(): void {
    this.#onEnd();
  }
}

/** The keys that wait, in batches, and when each batch may be sent. */
export class BatchQueue<K, V, I> {
  readonly size: AdaptiveSize;
  readonly #expected: ExpectedSize | undefined;
  readonly #options: ResolvedBatcherOptions<K, V, I>;
  readonly #onDue: () => void;
  /** Full ones, which wait only for their turn. */
  readonly #full: Batch<K, V, I>[] = [];
  /** The one that still grows, even when it is due. */
  #open: Batch<K, V, I> | undefined;
  #due: BatchTrigger | undefined;
  /** The keys that wait, when equal ones are to be found. */
  #index: Map<I, BatchEntry<K, V, I>> | undefined;
  readonly #waits: DueList;
  readonly #waitEnd: WaitEnd = new WaitEnd(() => {
    this.#expected?.missed(this.#open?.size ?? 0);
    this.#becomeDue('time');
  });
  /** Whether the open one becomes due at the end of this turn of the event loop, and whether that is awaited. */
  #endsWithTurn = false;
  #awaitsTurnEnd = false;
  readonly #onTurnEnd = (): void => {
    this.#awaitsTurnEnd = false;
    if (!this.#endsWithTurn || this.#due !== undefined) return;
    this.#expected?.reached();
    this.#becomeDue('expected');
  };
  #waiting = 0;
  /** When the last batch began that might have waited for more keys. */
  #couldHaveWaited = -Infinity;

  /** @param onDue runs when {@link take} may have a batch, never within {@link add} */
  constructor(options: ResolvedBatcherOptions<K, V, I>, onDue: () => void) {
    const { adaptive, maxSize } = options;
    this.#options = options;
    this.#onDue = onDue;
    this.#waits = new DueList(options.clock);
    this.size = new AdaptiveSize(
      adaptive?.minSize ?? maxSize,
      maxSize,
      adaptive?.targetTime ?? Infinity,
    );
    this.#index = options.dedupe ? new Map() : undefined;
    this.#expected = adaptive === undefined ? undefined : new ExpectedSize(maxSize);
  }

  /** How many keys wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** With how many keys a batch does not wait for more. */
  get expectedSize(): number {
    if (this.#options.maxWait === 0) return 1;
    return Math.min(this.size.limit, this.#expected?.size ?? this.size.limit);
  }

  /** The key that is equal to it, when it waits and equal ones are to be found. */
  find(identity: I): BatchEntry<K, V, I> | undefined {
    return this.#index?.get(identity);
  }

  add(key: K, identity: I): BatchEntry<K, V, I> {
    const batch = (this.#open ??= this.#begin());
    const entry = batch.add(key, identity);
    this.#index?.set(identity, entry);
    this.#waiting++;
    if (batch.size >= this.size.limit) {
      this.#expected?.reached();
      this.#full.push(batch);
      this.#close();
      queueMicrotask(this.#onDue);
    } else if (!this.#endsWithTurn && this.#due === undefined) {
      if (batch.size >= this.expectedSize) this.#endWithTurn();
      else if (!this.#waitEnd.isListed) this.#startWait(batch);
    }
    return entry;
  }

  /** Nobody waits for the entry any more. */
  remove(entry: BatchEntry<K, V, I>): void {
    const { batch } = entry;
    const identity = batch.remove(entry);
    this.#index?.delete(identity);
    this.#waiting--;
    if (batch.size > 0) return;
    if (batch === this.#open) this.#close();
    else this.#full.splice(this.#full.indexOf(batch), 1);
  }

  /** The open batch need not wait for more keys. */
  flush(): void {
    if (this.#open === undefined) return;
    this.#due = 'flush';
    this.#onDue();
  }

  /** The next batch that may be sent, which then no longer waits. */
  take(): DueBatch<K, V, I> | undefined {
    const full = this.#full.shift();
    if (full !== undefined) return this.#taken(full, 'full');
    const batch = this.#open;
    const trigger = this.#due;
    if (batch === undefined || trigger === undefined) return undefined;
    this.#couldHaveWaited = batch.opened;
    this.#close();
    return this.#taken(batch, trigger);
  }

  #taken(batch: Batch<K, V, I>, trigger: BatchTrigger): DueBatch<K, V, I> {
    this.#waiting -= batch.size;
    batch.sent = true;
    if (this.#index !== undefined) {
      // As a rule nothing else waits, and a new map costs less than to delete a hundred keys.
      if (this.#waiting === 0) this.#index = new Map();
      else for (const identity of batch.identities) this.#index.delete(identity);
    }
    return { batch, trigger };
  }

  #begin(): Batch<K, V, I> {
    const now = this.#options.clock.now();
    if (now - this.#couldHaveWaited < this.#options.maxWait) this.#expected?.cameLate();
    this.#couldHaveWaited = -Infinity;
    return new Batch(now, this.#options.key === undefined);
  }

  /** The open batch grows no more. */
  #close(): void {
    this.#waits.remove(this.#waitEnd);
    this.#open = undefined;
    this.#due = undefined;
    this.#endsWithTurn = false;
  }

  #endWithTurn(): void {
    this.#endsWithTurn = true;
    // Once a turn: what is scheduled lives until the turn ends, however many batches fill up before.
    if (this.#awaitsTurnEnd) return;
    this.#awaitsTurnEnd = true;
    setImmediate(this.#onTurnEnd);
  }

  #startWait({ opened }: Batch<K, V, I>): void {
    this.#waits.add(this.#waitEnd, opened + this.#options.maxWait, opened);
  }

  #becomeDue(trigger: BatchTrigger): void {
    this.#waits.remove(this.#waitEnd);
    this.#due = trigger;
    this.#onDue();
  }
}
