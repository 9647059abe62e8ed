/**
 * `closed`: calls run. `open`: they are refused, for a while. `half-open`: a few are let through to try. `isolated`: they are refused until
 * somebody ends that by hand.
 */
export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated';

/**
 * Why a breaker changed its state: a threshold was reached, its time was over, what became of the probes, or by hand.
 */
export type BreakerChangeReason =
  | 'consecutive-failures'
  | 'failure-rate'
  | 'slow-call-rate'
  | 'open-period-over'
  | 'probes-succeeded'
  | 'probes-failed'
  | 'isolate'
  | 'release'
  | 'reset';

/** A change of state; also published on the channel `perf:breaker:state`. */
export interface BreakerStateEvent {
  readonly policy: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: BreakerChangeReason;
  /** How long it stays open, in milliseconds; `Infinity` when isolated, 0 else. */
  readonly openFor: number;
  /** What the last failure rejected with; `undefined` when no failure led to it. */
  readonly cause: unknown;
}

/** A call that counted as a failure. */
export interface BreakerFailureEvent {
  readonly policy: string;
  /** What it rejected with; the value, if a classifier judged one to be a failure; `undefined` of a probe that took too long. */
  readonly error: unknown;
  readonly state: BreakerState;
}

/** A call that was not let through. */
export interface BreakerRefusedEvent {
  readonly policy: string;
  readonly state: BreakerState;
  readonly retryAfter: number;
}

/** Events of a {@link CircuitBreaker}. */
export interface CircuitBreakerEvents {
  readonly state: BreakerStateEvent;
  readonly failure: BreakerFailureEvent;
  readonly refused: BreakerRefusedEvent;
}

/** Every name of {@link CircuitBreakerEvents}. */
export const BREAKER_EVENTS = ['state', 'failure', 'refused'] as const;

/** What {@link CircuitBreaker.snapshot} returns. */
export interface CircuitBreakerSnapshot {
  readonly name: string;
  readonly state: BreakerState;
  /** Milliseconds in this state. */
  readonly stateFor: number;
  /** Milliseconds until it lets a call through; 0 when it does, `Infinity` when isolated. */
  readonly retryAfter: number;
  /** Which part of the calls it lets through: 1, less during a ramp-up, 0 when it is not closed. */
  readonly admitted: number;
  /** What the window holds; all 0 where no rate is a threshold. */
  readonly window: {
    readonly calls: number;
    readonly failures: number;
    readonly slow: number;
    /** Parts of the calls; 0 without any. */
    readonly failureRate: number;
    readonly slowCallRate: number;
  };
  readonly consecutiveFailures: number;
  /** Those of the half-open state under way. */
  readonly probes: {
    readonly pending: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  /** Since the start. */
  readonly totals: {
    readonly succeeded: number;
    readonly failed: number;
    readonly ignored: number;
    readonly refused: number;
    /** Results that came after a change of state, and changed nothing. */
    readonly late: number;
    /** How often it opened. */
    readonly opened: number;
  };
}
