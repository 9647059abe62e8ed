/**
 * Type-checks `benchmarks/`, whose peers only `pnpm bench` installs: where they are, or in CI. What has
 * unit tests is checked without them, by the root's tsconfig.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pnpmCommand, root } from './workspace.mjs';

const folder = path.join(root, 'benchmarks');
const isInstalled = existsSync(path.join(folder, 'node_modules'));
if (isInstalled || process.env['CI']) {
  const install = [...pnpmCommand(), '--dir', folder, 'install', '--frozen-lockfile', '--silent'];
  // An optional peer is compiled for minutes, and its types are not used.
  if (!existsSync(path.join(folder, 'node_modules', '@keyv', 'sqlite')))
    install.push('--no-optional');
  const compile = [path.join(root, 'node_modules', '.bin', 'tsc'), '-p', folder];
  process.exitCode = run(install) || run(compile);
} else {
  console.log('benchmarks: not type-checked in full, as the peers are not installed (pnpm bench)');
}

function run([command, ...args]) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
