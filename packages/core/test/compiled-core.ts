import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const packageFolder = path.resolve(import.meta.dirname, '..');
const compiler = path.join(packageFolder, 'node_modules', '.bin', 'tsc');

/** What a program printed and how it ended; `status` is null when it had to be killed. */
export interface ProgramResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The package, compiled to a temporary folder, for programs that run in a process of their own. */
export interface CompiledCore {
  /** Runs the body of an ES module in which `core` is the package. */
  run(body: string, env?: Readonly<Record<string, string>>): ProgramResult;
  remove(): void;
}

export function compileCore(): CompiledCore {
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-core-'));
  const { status, stdout } = spawnSync(
    compiler,
    ['-p', path.join(packageFolder, 'tsconfig.build.json'), '--outDir', folder],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the package does not compile: ${stdout}`);
  const entry = pathToFileURL(path.join(folder, 'index.js')).href;
  return {
    run(body, env = {}) {
      const program = `import * as core from '${entry}';\n${body}`;
      const { NODE_DEBUG: _, NODE_OPTIONS: __, ...inherited } = process.env;
      return spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        encoding: 'utf8',
        timeout: 20_000,
        env: { ...inherited, ...env },
      });
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
