/** There will be another try. */
export interface RetryEvent {
  readonly policy: string;
  /** The number of the try that is to come, from 2. */
  readonly attempt: number;
  /** Milliseconds until then. */
  readonly delay: number;
  /** What the last one rejected with; the value, if that is why. */
  readonly error: unknown;
}

/**
 * Why a retryable outcome stands: the tries are used up, the deadline would pass, the budget is empty, or the other side wants us to wait for too
 * long.
 */
export type GiveUpReason = 'attempts' | 'deadline' | 'budget' | 'retry-after';

/** There will be no further try. */
export interface GiveUpEvent {
  readonly policy: string;
  readonly reason: GiveUpReason;
  /** How many tries there were. */
  readonly attempts: number;
  readonly error: unknown;
}

/** Events of a {@link Retry}. */
export interface RetryEvents {
  readonly retry: RetryEvent;
  readonly giveUp: GiveUpEvent;
}

/** Every name of {@link RetryEvents}. */
export const RETRY_EVENTS = ['retry', 'giveUp'] as const;

/** What {@link Retry.snapshot} returns. */
export interface RetrySnapshot {
  readonly name: string;
  /** Calls that wait for their next try. */
  readonly waiting: number;
  /** Since the start. */
  readonly totals: {
    /** Calls whose first try has ended. */
    readonly calls: number;
    readonly retries: number;
    /** Calls that succeeded after the first try. */
    readonly recovered: number;
    readonly gaveUp: Readonly<Record<GiveUpReason, number>>;
  };
}
