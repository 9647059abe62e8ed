import type { BatchContext } from './options.ts';

/** A key of a batch: the promise of all who want it. */
export class BatchEntry<K, V, I> {
  readonly batch: Batch<K, V, I>;
  readonly promise: Promise<V>;
  /** How many still wait for it. */
  callers = 1;
  declare resolve: (value: V | PromiseLike<V>) => void;
  declare reject: (reason: unknown) => void;

  constructor(batch: Batch<K, V, I>) {
    this.batch = batch;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** Keys that are loaded together. What belongs to a key lies at the same place in each array. */
export class Batch<K, V, I> implements BatchContext {
  readonly keys: K[] = [];
  readonly identities: I[];
  readonly entries: BatchEntry<K, V, I>[] = [];
  /** When its first key came. */
  readonly opened: number;
  /** Whether it has been handed to the loader. */
  sent = false;
  /** How many entries nobody waits for any more, once it has been sent. */
  #abandoned = 0;
  #aborted: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;

  /** @param areKeys whether keys are their own identities */
  constructor(opened: number, areKeys: boolean) {
    this.opened = opened;
    this.identities = areKeys ? (this.keys as unknown as I[]) : [];
  }

  get #areKeys(): boolean {
    return (this.identities as unknown) === this.keys;
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
    const entry = new BatchEntry(this);
    this.keys.push(key);
    if (this.identities !== (this.keys as unknown)) this.identities.push(identity);
    this.entries.push(entry);
    return entry;
  }

  /** Takes an entry out of a batch that has not been sent; the last one takes its place. @returns its identity */
  remove(entry: BatchEntry<K, V, I>): I {
    const at = this.entries.indexOf(entry);
    const identity = this.identities[at] as I;
    takeOut(this.entries, at);
    if (!this.#areKeys) takeOut(this.identities, at);
    takeOut(this.keys, at);
    return identity;
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

function takeOut(items: unknown[], at: number): void {
  const last = items.pop();
  if (at < items.length) items[at] = last;
}
