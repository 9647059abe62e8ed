import type { Output } from './output.ts';
import type { ResultRow } from './target.ts';

/** What a group gets to run with. */
export interface GroupContext {
  /** About a minute instead of at most ten: fewer processes and rounds. */
  readonly quick: boolean;
  /** Whether to write the plots as well. */
  readonly plots: boolean;
  /** The folder with the recorded traces. */
  readonly traceFolder: string;
  readonly output: Output;
}

/** Targets that are measured together, by one name on the command line. */
export interface Group {
  /**
   * Measures everything.
   * @returns one row for every target of the group, in their order
   */
  run(context: GroupContext): Promise<readonly ResultRow[]>;
}
