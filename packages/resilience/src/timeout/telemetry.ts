/** A call took too long. */
export interface TimeoutEvent {
  readonly policy: string;
  /** The limit that passed, in milliseconds. */
  readonly timeout: number;
  /** Which try of the call it was, from 1 on. */
  readonly attempt: number;
}

/** A function that ended after its caller had been told that it took too long. */
export interface LateEvent {
  readonly policy: string;
  /** Milliseconds that it took. */
  readonly elapsed: number;
  readonly ok: boolean;
  /** What it rejected with. */
  readonly error?: unknown;
}

/** Events of a timeout. */
export interface TimeoutEvents {
  readonly timeout: TimeoutEvent;
  readonly late: LateEvent;
}

/** What {@link Timeout.snapshot} returns. */
export interface TimeoutSnapshot {
  readonly name: string;
  /** The limit in milliseconds. */
  readonly after: number;
  /** Calls that run within their time. */
  readonly active: number;
  /** Calls that took too long, or were left by their callers, and have not ended yet. */
  readonly overdue: number;
  /** Since the start. */
  readonly totals: {
    readonly calls: number;
    readonly timeouts: number;
  };
}
