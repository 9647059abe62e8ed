/** A call got something else instead of an error. */
export interface FallbackEvent {
  readonly policy: string;
  readonly error: unknown;
}

/** Events of a {@link Fallback}. */
export interface FallbackEvents {
  readonly fallback: FallbackEvent;
}

/** Every name of {@link FallbackEvents}. */
export const FALLBACK_EVENTS = ['fallback'] as const;

/** What {@link Fallback.snapshot} returns. */
export interface FallbackSnapshot {
  readonly name: string;
  /** Since the start. */
  readonly totals: {
    readonly succeeded: number;
    /** How often the fallback was asked, and how often that failed, too. */
    readonly fallbacks: number;
    readonly failedFallbacks: number;
    /** Errors that stood: aborts, and those that `when` did not want. */
    readonly passed: number;
  };
}
