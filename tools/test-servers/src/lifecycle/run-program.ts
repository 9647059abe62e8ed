import { execFile } from 'node:child_process';

/** How a program went. */
export interface ProgramResult {
  /** Whether it ended with code 0. */
  readonly succeeded: boolean;
  readonly stdout: string;
  /** What it said about a failure, or why it could not be started or was ended. */
  readonly failure: string;
}

/** What a program may print, in bytes. */
const MAX_OUTPUT = 4_000_000;

/** Runs a program to its end, or kills it after `timeout` ms. Never rejects. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly timeout: number;
    readonly env?: Readonly<Record<string, string>>;
    /** What it reads from its standard input. @default nothing */
    readonly input?: string;
  },
): Promise<ProgramResult> {
  const { cwd, timeout, env = {}, input = '' } = options;
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      {
        cwd,
        timeout,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT,
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', ...env },
      },
      (error, stdout, stderr) => {
        const killed = error?.killed === true ? `${file} did not end within ${timeout} ms\n` : '';
        const failure = error === null ? '' : killed + (stderr.trim() || error.message);
        resolve({ succeeded: error === null, stdout, failure });
      },
    );
    // A program that ends without reading is no error.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
