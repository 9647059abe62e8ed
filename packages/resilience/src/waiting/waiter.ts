import { DueEntry, type LineEntry } from '@perf/core';
import type { AbortListener, CallContext } from '../execution/call-context.ts';

/** Whoever is told when a waiter does not wait any longer. */
export interface WaiterHost<Payload, Grant> {
  expired(waiter: Waiter<Payload, Grant>): void;
  aborted(waiter: Waiter<Payload, Grant>, reason: unknown): void;
}

/** One call in a `WaitQueue`: in the line of its priority, in the list of deadlines, and a listener on its signal. */
export class Waiter<Payload, Grant>
  extends DueEntry
  implements AbortListener, LineEntry<Waiter<Payload, Grant>>
{
  readonly payload: Payload;
  /** The queue's limit, in milliseconds; `Infinity` when the call's own deadline comes first. */
  readonly timeout: number;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (reason: unknown) => void;
  /** The line's, as the next two. */
  lane = 0;
  ahead: Waiter<Payload, Grant> | undefined;
  behind: Waiter<Payload, Grant> | undefined;
  readonly #host: WaiterHost<Payload, Grant>;
  readonly #call: CallContext;

  constructor(
    host: WaiterHost<Payload, Grant>,
    call: CallContext,
    payload: Payload,
    timeout: number,
    resolve: (grant: Grant) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.#host = host;
    this.#call = call;
    this.payload = payload;
    this.timeout = timeout;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Until {@link unlisten}. */
  listen(): void {
    this.#call.addAbortListener(this);
  }

  unlisten(): void {
    this.#call.removeAbortListener(this);
  }

  handleEvent(): void {
    this.#host.aborted(this, this.#call.reason);
  }

  override expire(): void {
    this.#host.expired(this);
  }
}
