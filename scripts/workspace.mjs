import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The repository's root. */
export const root = path.resolve(import.meta.dirname, '..');

/** The root's package.json. */
export const rootManifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/**
 * @typedef {object} Member a package of the workspace
 * @property {'packages' | 'apps' | 'tools'} area the folder above its own
 * @property {string} folder its folder's name, such as `cache-core`
 * @property {string} dir its absolute path
 * @property {string} label its path from the root, for messages
 * @property {string} name such as `@perf/cache-core`
 * @property {Record<string, any>} manifest its package.json
 */

/** @returns {readonly Member[]} every package of the workspace */
export function workspaceMembers() {
  return ['packages', 'apps', 'tools'].flatMap((area) => {
    const parent = path.join(root, area);
    if (!existsSync(parent)) return [];
    return readdirSync(parent)
      .toSorted()
      .filter((folder) => existsSync(path.join(parent, folder, 'package.json')))
      .map((folder) => {
        const dir = path.join(parent, folder);
        const manifest = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8'));
        return { area, folder, dir, label: `${area}/${folder}`, name: manifest.name, manifest };
      });
  });
}

/** @returns {readonly Member[]} what is published: all of `packages/` and nothing else */
export function publishedPackages() {
  return workspaceMembers().filter((member) => member.area === 'packages');
}

/** @returns {readonly string[]} every file below `dir` with the extension, as absolute paths */
export function filesBelow(dir, extension) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`))
    .toSorted();
}

/** @returns {readonly [string, ...string[]]} the command that is pnpm, the one that runs us if it does */
export function pnpmCommand() {
  // Set by pnpm for the scripts that it runs.
  const cli = process.env.npm_execpath;
  return cli?.includes('pnpm')
    ? [process.execPath, cli]
    : ['npx', '-y', rootManifest.packageManager];
}

/** Prints the findings, or one line of praise, and sets the exit code. */
export function report(what, findings) {
  if (findings.length === 0) {
    console.log(`${what}: ok`);
    return;
  }
  console.error(
    `${what}: ${findings.length} found\n${findings.map((one) => `  ${one}`).join('\n')}`,
  );
  process.exitCode = 1;
}
