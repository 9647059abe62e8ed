import { tmpdir } from 'node:os';
import { runProgram } from '../lifecycle/run-program.ts';
import { findPrometheus } from './binaries.ts';

/** What `promtool` said. */
export interface PromtoolResult {
  /** Whether it found nothing amiss. */
  readonly accepted: boolean;
  /** Everything that it printed. */
  readonly output: string;
}

const TIMEOUT = 30_000;

/**
 * Runs `promtool`: `check metrics` reads the text format from its input, `check rules FILE` a file of rules.
 * @param input what it reads from its standard input. @default nothing
 * @throws {@link TestServerError} when there is none
 */
export async function runPromtool(args: readonly string[], input = ''): Promise<PromtoolResult> {
  const { promtool } = await findPrometheus();
  const { succeeded, stdout, failure } = await runProgram(promtool, args, {
    cwd: tmpdir(),
    timeout: TIMEOUT,
    input,
  });
  return { accepted: succeeded, output: stdout + failure };
}
