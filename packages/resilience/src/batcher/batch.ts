import type { BatchContext } from './options.ts';

/** A key of a batch, with the promise of all who want it. */
export interface BatchEntry<K, V, I> {
  readonly batch: Batch<K, V, I>;
  readonly key: K;
  readonly identity: I;
  readonly promise: Promise<V>;
  readonly resolve: (value: V | PromiseLike<V>) => void;
  readonly reject: (reason: unknown) => void;
  /** Where it lies in its batch. */
  position: number;
  /** Who still waits for it. */
  callers: number;
}

/** Keys that are loaded together. */
export class Batch<K, V, I> implements BatchContext {
  readonly entries: BatchEntry<K, V, I>[] = [];
  /** When its first key came. */
  readonly opened: number;
  /** Whether it has been handed to the loader. */
  sent = false;
  /** How many entries nobody waits for any more, once it has been sent. */
  #abandoned = 0;
  #aborted: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;

  constructor(opened: number) {
    this.opened = opened;
  }

  get size(): number {
    return this.entries.length;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  add(key: K, identity: I): BatchEntry<K, V, I> {
    const promise = new Promise<V>(capture);
    const entry: BatchEntry<K, V, I> = {
      batch: this,
      key,
      identity,
      promise,
      resolve: captured.resolve,
      reject: captured.reject,
      position: this.entries.length,
      callers: 0,
    };
    this.entries.push(entry);
    return entry;
  }

  /** Takes an entry out of a batch that has not been sent; the last one takes its place. */
  remove(entry: BatchEntry<K, V, I>): void {
    const last = this.entries.pop();
    if (last === undefined || last === entry) return;
    this.entries[entry.position] = last;
    last.position = entry.position;
  }

  /** Nobody waits for one more entry. @returns whether nobody waits for any */
  abandonOne(): boolean {
    return ++this.#abandoned === this.entries.length;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }

  rejectAll(reason: unknown): void {
    for (const entry of this.entries) entry.reject(reason);
  }
}

interface Settlers {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

// One executor for all promises, instead of a closure for each.
const ignore = (): void => undefined;
const captured: Settlers = { resolve: ignore, reject: ignore };
function capture(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  captured.resolve = resolve as (value: unknown) => void;
  captured.reject = reject;
}
