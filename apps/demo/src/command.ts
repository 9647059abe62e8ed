import { ConfigError } from '@perf/core';
import { chooseSecondTier } from './cache.ts';
import { runDemo, type DemoSurroundings } from './demo.ts';
import { parseOptions, USAGE, type DemoOptions } from './options.ts';
import { streamOutput } from './report/output.ts';
import { StopRequest, stopSignal } from './stop-signal.ts';

/**
 * The command, with its output, signals and failures.
 * @param args those after the script's name
 * @param instead what a test puts in place of the real surroundings
 * @returns the exit code: 0 well, 1 a wrong answer or a failure, 2 wrong options, 128 + n when signal
 * n ended the measurement
 */
export async function runCommand(
  args: readonly string[],
  instead: Partial<DemoSurroundings> = {},
): Promise<number> {
  let options: DemoOptions;
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
  const signal = stopSignal();
  try {
    const faultCount = await runDemo(options, {
      output: streamOutput(process.stdout),
      tier: await chooseSecondTier(),
      signal,
      ...instead,
    });
    return faultCount === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    return error instanceof StopRequest ? error.exitCode : 1;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What has a code is a failure that its message explains; the rest is a fault of ours.
  return error instanceof ConfigError || 'code' in error
    ? error.message
    : (error.stack ?? error.message);
}
