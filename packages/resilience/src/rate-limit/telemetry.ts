/** A call that the limit did not let run. */
export interface RateLimitRefusedEvent {
  readonly policy: string;
  /** The limiter's key; empty where there is one limit for all. */
  readonly key: string;
  readonly cost: number;
  /** Milliseconds, as of `RateLimitedError`. */
  readonly retryAfter: number;
}

/** Events of a rate limit. */
export interface RateLimitEvents {
  readonly refused: RateLimitRefusedEvent;
}

/** What {@link RateLimit.snapshot} returns. */
export interface RateLimitSnapshot {
  readonly name: string;
  /** The limiter's name. */
  readonly limiter: string;
  /** Calls that wait for their turn, or for the limiter's answer. */
  readonly waiting: number;
  /** Since the start. */
  readonly totals: {
    readonly admitted: number;
    readonly refused: number;
  };
}
