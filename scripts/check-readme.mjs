/** Type-checks every `ts` block of the READMEs against the sources, with errors at the README's own lines. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, workspaceMembers } from './workspace.mjs';

const FOLDER = '.readme';
const members = workspaceMembers();
const documents = [root, ...members.map((member) => member.dir)]
  .map((dir) => path.join(dir, 'README.md'))
  .filter((file) => existsSync(file));
const folders = documents.map((file) => path.join(path.dirname(file), FOLDER));

process.exitCode = 1;
try {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  const blocks = documents.flatMap(cut);
  const status = blocks.length === 0 ? 0 : typecheck(blocks);
  if (status === 0) {
    console.log(`README snippets: ok (${blocks.length} in ${documents.length} documents)`);
  }
  process.exitCode = status;
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Writes the blocks of one document to files of their own, each on the lines where it stood. */
function cut(document) {
  const folder = path.join(path.dirname(document), FOLDER);
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(document, 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    const file = path.join(folder, `${path.parse(document).name}-${line}.ts`);
    writeFileSync(file, '\n'.repeat(line) + match[1]);
    return { file, document };
  });
}

function typecheck(blocks) {
  const folder = path.join(root, FOLDER);
  mkdirSync(folder, { recursive: true });
  const config = path.join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: '../tsconfig.base.json',
      compilerOptions: {
        noEmit: true,
        noUnusedLocals: false,
        noUnusedParameters: false,
        paths: sourcesByName(),
      },
      files: blocks.map(({ file }) => path.relative(folder, file)),
    }),
  );
  const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
  const run = spawnSync(tsc, ['-p', config, '--pretty', 'false'], { cwd: root, encoding: 'utf8' });
  let output = run.stdout + run.stderr;
  for (const { file, document } of blocks) {
    output = output.replaceAll(path.relative(root, file), path.relative(root, document));
  }
  process.stderr.write(output);
  return run.status ?? 1;
}

/** A README may combine packages that do not depend on each other: all resolve by their public names. */
function sourcesByName() {
  const paths = {};
  for (const { name, dir, manifest } of members) {
    for (const [subpath, conditions] of Object.entries(manifest.exports ?? {})) {
      const source = conditions['@perf/source'];
      if (source !== undefined) paths[name + subpath.slice(1)] = [path.join(dir, source)];
    }
  }
  return paths;
}
