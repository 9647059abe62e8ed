import type { Cause, Suspicion } from '../finding.ts';
import type { Observation } from '../observation.ts';

/** Looks for one cause. */
export interface Rule {
  readonly cause: Cause;
  /** What speaks for it, nothing when nothing does; `undefined` when that cannot be told from what was observed. */
  inspect(observation: Observation): readonly Suspicion[] | undefined;
}
