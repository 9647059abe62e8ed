import { DueEntry, type LineEntry } from '@perf/core';

/** Whoever is told when a waiter does not wait any longer. */
export interface WaiterHost<Grant> {
  expired(waiter: Waiter<Grant>): void;
  aborted(waiter: Waiter<Grant>, reason: unknown): void;
}

/** One caller in a `WaitLine`: in the line of its priority, in the list of deadlines, and a listener on its signal. */
export class Waiter<Grant> extends DueEntry implements LineEntry<Waiter<Grant>> {
  readonly host: WaiterHost<Grant>;
  /** Makes of a grant what it is resolved with. */
  readonly hand: (grant: Grant) => unknown;
  /** When it came, by the clock. */
  readonly since: number;
  readonly resolve: (handed: never) => void;
  readonly reject: (reason: unknown) => void;
  /** The line's, as the next two. */
  lane = 0;
  ahead: Waiter<Grant> | undefined;
  behind: Waiter<Grant> | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(
    host: WaiterHost<Grant>,
    hand: (grant: Grant) => unknown,
    since: number,
    signal: AbortSignal | undefined,
    resolve: (handed: never) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.host = host;
    this.hand = hand;
    this.since = since;
    this.#signal = signal;
    this.resolve = resolve;
    this.reject = reject;
  }

  listen(): void {
    this.#signal?.addEventListener('abort', this);
  }

  unlisten(): void {
    this.#signal?.removeEventListener('abort', this);
  }

  handleEvent(): void {
    this.host.aborted(this, this.#signal?.reason);
  }

  override expire(): void {
    this.host.expired(this);
  }
}
