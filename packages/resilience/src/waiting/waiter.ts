import { DueEntry } from './due-list.ts';

/** Whoever is told when a waiter does not wait any longer. */
export interface WaiterHost<Payload, Grant> {
  expired(waiter: Waiter<Payload, Grant>): void;
  aborted(waiter: Waiter<Payload, Grant>, reason: unknown): void;
}

/** One call in a `WaitQueue`: a link of the list of its priority, of the list of deadlines, and a listener on its signal. */
export class Waiter<Payload, Grant> extends DueEntry {
  readonly payload: Payload;
  readonly priority: number;
  /** The queue's limit, in milliseconds; `Infinity` when the call's own deadline comes first. */
  readonly timeout: number;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (reason: unknown) => void;
  /** The queue's. */
  ahead: Waiter<Payload, Grant> | undefined;
  behind: Waiter<Payload, Grant> | undefined;
  readonly #host: WaiterHost<Payload, Grant>;
  #signal: AbortSignal | undefined;

  constructor(
    host: WaiterHost<Payload, Grant>,
    payload: Payload,
    priority: number,
    timeout: number,
    resolve: (grant: Grant) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.#host = host;
    this.payload = payload;
    this.priority = priority;
    this.timeout = timeout;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Until {@link unlisten}. */
  listen(signal: AbortSignal | undefined): void {
    this.#signal = signal;
    signal?.addEventListener('abort', this);
  }

  unlisten(): void {
    this.#signal?.removeEventListener('abort', this);
    this.#signal = undefined;
  }

  /** An object that has this is a listener. */
  handleEvent(): void {
    this.#host.aborted(this, this.#signal?.reason);
  }

  override expire(): void {
    this.#host.expired(this);
  }
}
