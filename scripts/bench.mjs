/**
 * `pnpm bench`: builds what is measured, installs the peers and runs the groups. The peer that is compiled
 * for minutes is installed only where it is measured.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pnpmCommand, root } from './workspace.mjs';

const BUILT = [
  'traces',
  'faulty-service',
  'test-servers',
  'cache-redis',
  'cache-sqlite',
  'cache-fs',
  'resilience',
  'pool',
  'metrics',
];
const WITHOUT_OPTIONAL = new Set(['memory', 'hit', 'resilience', 'pool', 'metrics']);

const args = process.argv.slice(2);
const isSpared = args.some((arg) => WITHOUT_OPTIONAL.has(arg)) && !args.includes('tiered');
const folder = path.join(root, 'benchmarks');
const bin = path.join(root, 'node_modules', '.bin');
const filters = BUILT.map((name) => `--filter=@perf/${name}...`);
const install = [...pnpmCommand(), '--dir', folder, 'install', '--frozen-lockfile'];

process.exitCode =
  run([path.join(bin, 'turbo'), 'run', 'build', ...filters, '--output-logs=errors-only']) ||
  run(isSpared ? [...install, '--no-optional'] : install) ||
  run([path.join(bin, 'tsc'), '-p', path.join(folder, 'tsconfig.build.json')]) ||
  run([process.execPath, path.join(folder, 'dist', 'main.js'), ...args]);

function run([command, ...rest]) {
  return spawnSync(command, rest, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
