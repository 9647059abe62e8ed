import { GROUPS } from './groups/index.ts';
import type { Group, GroupContext } from './harness/group.ts';
import { streamOutput } from './harness/output.ts';
import { resultTable } from './harness/result-table.ts';
import { writeResults } from './harness/results-file.ts';
import type { ResultRow } from './harness/target.ts';
import { runTrace } from './hit/trace-run.ts';
import { parseOptions, USAGE, type BenchOptions } from './options.ts';

/**
 * The command, with its output and failures.
 * @returns the exit code: 0 when everything was measured, whatever came of it; 1 after a failure; 2 for
 * wrong options
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const output = streamOutput(process.stdout);
  try {
    if (options.traceRun !== undefined) {
      await runTrace(options.traceRun, output);
      return 0;
    }
    for (const name of options.groups) {
      await runGroup(name, GROUPS[name] as Group, { ...options, output });
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

async function runGroup(name: string, group: Group, context: GroupContext): Promise<void> {
  const { output, quick } = context;
  output.line(`\n${name}${quick ? ' (quick: figures are rough)' : ''}, Node ${process.version}`);
  const started = performance.now();
  const rows = await group.run(context);
  output.line(resultTable(rows));
  output.line(summary(rows));
  const seconds = Math.round((performance.now() - started) / 1000);
  output.line(`${name} took ${seconds} s; wrote ${await writeResults(name, rows)}`);
}

function summary(rows: readonly ResultRow[]): string {
  const count = (pass: ResultRow['pass']): number => rows.filter((row) => row.pass === pass).length;
  return `${count(true)} of ${rows.length} rows pass, ${count(false)} fall short, ${count(null)} skipped`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What has a code is a failure that its message explains; the rest is a fault of ours.
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
