import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkInteger, checkOneOf, ConfigError } from '@perf/core';
import { GROUPS } from './groups/index.ts';
import { ROOT } from './harness/results-file.ts';
import { POLICIES, type Policy } from './hit/policy-names.ts';
import type { TraceRun } from './hit/trace-run.ts';

const TRACE_FOLDER = path.resolve(ROOT, '..', 'shared', 'traces');

/** What the command line asks for. */
export interface BenchOptions {
  readonly groups: readonly string[];
  readonly quick: boolean;
  readonly plots: boolean;
  readonly traceFolder: string;
  /** Instead of a group's rows. */
  readonly traceRun: TraceRun | undefined;
  readonly help: boolean;
}

/** What `--help` prints. */
export const USAGE: string = `Measures the packages against named peers.

  pnpm bench [group] [--quick] [--plots]    ${Object.keys(GROUPS).join(', ')}; all groups by default
  pnpm bench hit --trace FILE --capacity N --policy P

  --quick           about a minute a group, with fewer processes: figures are rough
  --plots           writes the plots of docs/plots as well
  --traces FOLDER   where the recorded traces are (../shared/traces, from the repository)
  --trace FILE      plays this trace: unsigned 32-bit little-endian keys, plain or in gzip
  --capacity N      in entries; may be repeated
  --policy P        ${POLICIES.join(', ')}; may be repeated
  --seed N          of the policy (1)
  --help
`;

/**
 * The options in the arguments after the script's name.
 * @throws `ConfigError` naming an option with a wrong value; a TypeError of `node:util` for an unknown
 * or incomplete one
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    // Package managers pass the separator on.
    args: args[0] === '--' ? args.slice(1) : [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      plots: { type: 'boolean', default: false },
      traces: { type: 'string' },
      trace: { type: 'string' },
      capacity: { type: 'string', multiple: true, default: [] },
      policy: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const groups = positionals.map((name) => checkOneOf('group', name, Object.keys(GROUPS)));
  const { quick, plots, help, trace, capacity, policy, seed } = values;
  const isRun = trace !== undefined || capacity.length > 0 || policy.length > 0;
  return {
    groups: groups.length === 0 ? Object.keys(GROUPS) : groups,
    quick,
    plots,
    help,
    traceFolder: values.traces === undefined ? TRACE_FOLDER : fromCaller(values.traces),
    traceRun: isRun && !help ? traceRun(trace, capacity, policy, seed) : undefined,
  };
}

function traceRun(
  file: string | undefined,
  capacities: readonly string[],
  policies: readonly string[],
  seed: string,
): TraceRun {
  if (file === undefined) throw new ConfigError('--trace', file, 'a file');
  if (capacities.length === 0) throw new ConfigError('--capacity', undefined, 'given');
  if (policies.length === 0) throw new ConfigError('--policy', undefined, 'given');
  return {
    file: fromCaller(file),
    capacities: capacities.map((text) => wholeNumber('--capacity', text, 1)),
    policies: policies.map((name) => checkOneOf<Policy>('--policy', name as Policy, POLICIES)),
    seed: wholeNumber('--seed', seed, 0),
  };
}

/** A path as the user meant it: package managers change the working folder. */
function fromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
}

function wholeNumber(option: string, text: string, min: number): number {
  if (!/^\d{1,15}$/.test(text)) throw new ConfigError(option, text, `a whole number from ${min}`);
  return checkInteger(option, Number(text), { min });
}
