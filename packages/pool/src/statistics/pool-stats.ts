/** How long something took, in milliseconds: percentiles and maximum over the last one to two minutes, at most 12.5 % too high. */
export interface Timings {
  /** Since the start. */
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Why something was destroyed. */
export type DestroyReason =
  /** It lay unused for `idleTimeout`. */
  | 'idle'
  /** It reached `maxLifetime`. */
  | 'lifetime'
  /** It came back when `maxIdle` lay unused, or after the limit had been lowered. */
  | 'surplus'
  /** A check before use refused it. */
  | 'invalid'
  /** It could not be made fit for the next one. */
  | 'reset'
  /** Who held it asked for that. */
  | 'discarded'
  /** The pool was closed. */
  | 'closed'
  /** Its creation took longer than `connectTimeout`. */
  | 'late'
  /** The other side ended it, or the way there broke. */
  | 'lost';

/** A count for each {@link DestroyReason}. */
export function noneDestroyed(): Record<DestroyReason, number> {
  return {
    idle: 0,
    lifetime: 0,
    surplus: 0,
    invalid: 0,
    reset: 0,
    discarded: 0,
    closed: 0,
    late: 0,
    lost: 0,
  };
}

/** What `stats()` of every pool returns: a plain object. After a drain `active`, `waiting` and `connecting` are 0, and `acquired` is `released`. */
export interface PoolStats {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly maxIdle: number;
  /** How many may be out now. */
  readonly limit: number;
  /** Those that exist: `active + idle`. */
  readonly total: number;
  /** Those that are out, checked or being reset. */
  readonly active: number;
  readonly idle: number;
  /** Those being created. */
  readonly connecting: number;
  /** Callers that wait. */
  readonly waiting: number;
  /** `active / limit`. */
  readonly utilization: number;
  readonly acquired: number;
  readonly released: number;
  readonly created: number;
  readonly destroyed: Readonly<Record<DestroyReason, number>>;
  /** Callers whose time was over. */
  readonly timeouts: number;
  /** Callers refused: the queue was full, nothing ready, or the pool closed. */
  readonly rejected: number;
  /** Callers that gave up. */
  readonly aborted: number;
  /** Failures to create, check, reset or destroy. */
  readonly errors: number;
  /** Those that are reported as leaked and not back. */
  readonly leaked: number;
  /** From the call to the turn; none where both are in one turn of the event loop. */
  readonly acquireMs: Timings;
  /** From the turn to the release; measured while leaks are looked for. */
  readonly useMs: Timings;
  readonly connectMs: Timings;
}
