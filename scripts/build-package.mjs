/**
 * Builds the package of the current folder into `dist`: compiles it, then joins the modules of each entry
 * into one file, since a user's start waits for every file, and leaves out what nobody reads there.
 * Classes and functions keep their names, for stack traces; the maps lead to `src`.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { slimDeclarations } from './slim-declarations.mjs';
import { filesBelow, root } from './workspace.mjs';

const dist = path.resolve('dist');
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(manifest.exports).filter((target) => typeof target === 'object');

rmSync(dist, { recursive: true, force: true });
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

slimDeclarations(
  dist,
  entries.map(({ types }) => path.resolve(types)),
);
const compiled = filesBelow(dist, '.js');
const output = await join(compiled);
for (const file of compiled) for (const one of [file, `${file}.map`]) rmSync(one);
removeEmptyFolders(dist);
for (const { type, fileName, code, source } of output) {
  writeFileSync(path.join(dist, fileName), type === 'chunk' ? code : source);
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(path.join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

async function join(files) {
  const bundle = await rolldown({
    // A program of a thread is started by its address, which is next to the entries.
    input: entries
      .map((entry) => path.resolve(entry.default))
      .concat(files.filter((file) => path.basename(file) === 'worker-entry.js')),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    plugins: [{ name: 'compiled', load: withMap }],
  });
  const { output } = await bundle.generate({
    entryFileNames: '[name].js',
    chunkFileNames: 'shared.js',
    minifyInternalExports: false,
    // Spaces, comments and local names; expressions run as they were written and tested.
    minify: {
      compress: false,
      mangle: { toplevel: true, keepNames: { function: true, class: true } },
      codegen: { removeWhitespace: true, legalComments: 'none' },
    },
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await bundle.close();
  return output;
}

/** So that the maps lead past what the compiler emitted. */
function withMap(file) {
  if (!file.endsWith('.js')) return undefined;
  const map = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  return { code: readFileSync(file, 'utf8'), map };
}
