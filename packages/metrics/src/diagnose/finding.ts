/** What slows a service down, or will. */
export type Cause =
  /** Single turns of the event loop take long: nothing else runs meanwhile. */
  | 'event-loop-blocked'
  /** The processor time that there is, is used up. */
  | 'cpu-saturation'
  /** Too much time goes into the collection of garbage. */
  | 'gc-pressure'
  /** Memory in use grows and is not given back. */
  | 'memory-leak'
  /** Files, DNS, compression and cryptography wait for a thread of libuv, or for the disk. */
  | 'thread-pool-starvation'
  /** Callers wait for a pool. */
  | 'pool-exhaustion'
  /** A cache finds too little. */
  | 'low-hit-rate'
  /** Something that is waited for takes long. */
  | 'slow-dependency'
  /** Something that is called fails. */
  | 'failing-dependency';

/** How bad it is: `low` where that is not sure, `critical` when the service is about to stand still. */
export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** Units of {@link Evidence}. */
export type Unit = 'ms' | 's' | '%' | 'MB' | 'MB/min' | '1/s' | '1/min' | 'count';

/** A figure that speaks for a finding. */
export interface Evidence {
  /** What was measured, in words: `delay of the event loop, p99`. */
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** From which value on it is a trouble; `undefined` where the figure only adds to the picture. */
  readonly limit?: number | undefined;
}

/** What to change. */
export interface Recommendation {
  /** The setting, or the thing in the code: `UV_THREADPOOL_SIZE`, `max of the pool "orders"`. */
  readonly setting: string;
  /** What it is now, where that is known. */
  readonly from: number | string | undefined;
  readonly to: number | string;
  /** Why that helps, and what to do beside it. */
  readonly why: string;
}

/** One trouble. */
export interface Finding {
  readonly cause: Cause;
  readonly severity: Severity;
  /** From 0 to 1: how sure it is that this is the matter. */
  readonly confidence: number;
  /** Which pool, cache or operation; `undefined` where it is the process. */
  readonly subject: string | undefined;
  /** In one sentence, with the telling figure. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly recommendation: Recommendation;
  /** The finding that brings this one about, so that it goes when that is mended: it comes after it. */
  readonly explainedBy: Cause | undefined;
}

/** What a rule finds; where it stands among others is decided later. */
export interface Suspicion extends Omit<Finding, 'explainedBy' | 'severity'> {
  /** How bad: 0 at the warning, 1 at the critical level, or beyond. */
  readonly intensity: number;
  /** What it brings about. */
  readonly explains: readonly Cause[];
}
