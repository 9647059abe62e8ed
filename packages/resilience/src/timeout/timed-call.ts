import { DueEntry, type TimeoutError } from '@perf/core';
import type { AbortableContext } from '../execution/abortable-context.ts';
import type { AbortListener, CallContext } from '../execution/call-context.ts';

/** Whoever is told of calls that have not ended in time. */
export interface TimedCallHost {
  expired(call: TimedCall): void;
  /** The caller did not wait for it. */
  left(call: TimedCall): void;
}

/** A call under way, until it ends or its time is up. */
export class TimedCall extends DueEntry {
  readonly context: AbortableContext;
  readonly started: number;
  /** Set when its time was up before it ended. */
  error: TimeoutError | undefined;
  protected readonly host: TimedCallHost;

  constructor(host: TimedCallHost, context: AbortableContext, started: number) {
    super();
    this.host = host;
    this.context = context;
    this.started = started;
  }

  override expire(): void {
    this.host.expired(this);
  }
}

/** A call whose caller does not wait for its end when its time is up, or when the caller's signal aborts. */
export class RacedCall extends TimedCall implements AbortListener {
  /** Whether the caller has been answered. */
  isOver = false;
  readonly #reject: (reason: unknown) => void;
  readonly #outer: CallContext;

  constructor(
    host: TimedCallHost,
    context: AbortableContext,
    outer: CallContext,
    started: number,
    reject: (reason: unknown) => void,
  ) {
    super(host, context, started);
    this.#outer = outer;
    this.#reject = reject;
  }

  /** Until the caller is answered. */
  listen(): void {
    this.#outer.addAbortListener(this);
  }

  handleEvent(): void {
    this.lose(this.#outer.reason);
    this.host.left(this);
  }

  /** The function has ended. @returns whether the caller still waits */
  win(): boolean {
    if (this.isOver) return false;
    this.#end();
    return true;
  }

  /** The caller is answered before the function has ended. */
  lose(reason: unknown): void {
    if (this.isOver) return;
    this.#end();
    this.#reject(reason);
  }

  #end(): void {
    this.isOver = true;
    this.#outer.removeAbortListener(this);
  }
}
