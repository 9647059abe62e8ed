import type { Policy } from './policy-names.ts';

/** Work of one process: a trace, played to one policy at each capacity. */
export interface ReplayInput {
  /** The name of a developer trace. */
  readonly trace: string;
  readonly traceFolder: string;
  readonly policy: Policy;
  readonly capacities: readonly number[];
  readonly seed: number;
  /** Whether entries weigh something and the capacity is in entries of mean weight. */
  readonly weighted: boolean;
}

/** Hits at each capacity. */
export interface ReplayOutput {
  readonly accesses: number;
  readonly hits: readonly number[];
}
