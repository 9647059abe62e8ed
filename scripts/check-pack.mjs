/**
 * Packs every published package, looks into the tarballs, installs them into an empty folder and uses
 * them from there: type-checked and run, as an ES module and as CommonJS.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measure } from './pack-size.mjs';
import { pnpmCommand, publishedPackages, report, root } from './workspace.mjs';

const EXPECTED = /^package\/(?:(?:dist|src)\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
const REQUIRED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/index.js'];

const members = publishedPackages();
const folder = mkdtempSync(path.join(tmpdir(), 'perf-pack-'));
const findings = [];
try {
  runPnpm(['exec', 'turbo', 'run', 'build', '--filter=./packages/*']);
  const tarballs = members.map(pack);
  members.forEach((member, index) => inspect(member, tarballs[index]));
  if (findings.length === 0) {
    install(tarballs);
    consume();
    const { table, findings: tooLarge } = measure(folder, members);
    console.log(table);
    findings.push(...tooLarge);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report('Packed packages', findings);

function pack(member) {
  const printed = runPnpm(['pack', '--json', '--pack-destination', folder], member.dir);
  return JSON.parse(printed).filename;
}

/** Only what belongs there, nothing of the workspace, and everything that the manifest promises. */
function inspect(member, tarball) {
  const files = run('tar', ['-tzf', tarball]).trim().split('\n');
  for (const file of files) {
    if (!EXPECTED.test(file)) findings.push(`${member.name}: ${file} does not belong there`);
    if (!file.endsWith('.map')) continue;
    for (const source of JSON.parse(run('tar', ['-xzOf', tarball, file])).sources) {
      const target = path.posix.join(path.posix.dirname(file), source);
      if (!files.includes(target)) findings.push(`${member.name}: ${file} leads to no ${target}`);
    }
  }
  const packed = run('tar', ['-xzOf', tarball, 'package/package.json']);
  for (const trace of ['@perf/source', 'workspace:', 'catalog:']) {
    if (packed.includes(trace)) findings.push(`${member.name}: package.json contains "${trace}"`);
  }
  const targets = Object.values(JSON.parse(packed).exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  for (const file of [...REQUIRED, ...targets.map((target) => target.slice(2))]) {
    if (!files.includes(`package/${file}`)) findings.push(`${member.name}: ${file} is missing`);
  }
}

/** As a user would, with all tarballs at once, so that they satisfy each other's dependencies. */
function install(tarballs) {
  const dependencies = Object.fromEntries(
    members.map(({ name }, index) => [name, `file:${tarballs[index]}`]),
  );
  const manifest = { name: 'consumer', private: true, dependencies };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    folder,
  );
}

/**
 * Compiles a small program per entry, and the package's own `test/consumer.ts`, to both module systems
 * and runs both: they must print the same.
 */
function consume() {
  const programs = members.flatMap(programsOf);
  for (const { name, text } of programs) {
    for (const extension of ['mts', 'cts']) {
      writeFileSync(path.join(folder, `${name}.${extension}`), text);
    }
  }
  compile(programs.flatMap(({ name }) => [`${name}.mts`, `${name}.cts`]));
  for (const { name, member, mayMiss } of programs) {
    const [imported, required] = ['mjs', 'cjs'].map((extension) =>
      execute(`out/${name}.${extension}`, mayMiss),
    );
    if (imported !== required || imported === '') {
      findings.push(`${member.name}: import prints "${imported}", require prints "${required}"`);
    }
  }
}

function programsOf(member) {
  const { folder: name, manifest, dir } = member;
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const programs = Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath, index) => ({
      name: `${name}-${index}`,
      member,
      // A root must load without any optional peer; other entries may be about one.
      mayMiss: subpath === '.' ? [] : peers,
      text: `import * as entry from '${member.name}${subpath.slice(1)}';
const names = Object.keys(entry).filter((name) => name !== 'default' && name !== '__esModule');
console.log(names.toSorted().join(' '));
`,
    }));
  const own = path.join(dir, 'test', 'consumer.ts');
  if (existsSync(own)) {
    programs.push({ name, member, mayMiss: peers, text: readFileSync(own, 'utf8') });
  }
  return programs;
}

function compile(files) {
  const config = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    types: ['node'],
    rootDir: '.',
    outDir: 'out',
  };
  const json = JSON.stringify({ compilerOptions: config, files });
  writeFileSync(path.join(folder, 'tsconfig.json'), json);
  const lent = lendForTypes();
  run(path.join(root, 'node_modules/.bin/tsc'), ['-p', '.', '--pretty', 'false'], folder);
  for (const link of lent) rmSync(link);
}

/** Types of Node and of the optional peers, there only while compiling. */
function lendForTypes() {
  const wanted = members.flatMap(({ dir, manifest }) =>
    Object.keys(manifest.peerDependencies ?? {})
      .flatMap((name) => [name, `@types/${name}`])
      .concat('@types/node')
      .map((name) => ({ name, target: path.join(dir, 'node_modules', name) })),
  );
  const lent = [];
  for (const { name, target } of wanted) {
    const link = path.join(folder, 'node_modules', name);
    if (existsSync(link) || !existsSync(target)) continue;
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(realpathSync(target), link);
    lent.push(link);
  }
  return lent;
}

function execute(file, mayMiss) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status === 0) return stdout.trim();
  const missing = mayMiss.find((peer) => stderr.includes(`Cannot find package '${peer}'`));
  if (missing !== undefined) return `needs ${missing}`;
  findings.push(`${file} fails: ${stderr.trim()}`);
  return '';
}

function runPnpm(args, cwd) {
  const [command, ...before] = pnpmCommand();
  return run(command, [...before, ...args], cwd);
}

function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  process.stderr.write(`${stdout}${stderr}`);
  throw error ?? new Error(`${command} ${args.join(' ')} failed`);
}
