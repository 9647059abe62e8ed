/** Checks that every published package has the same files and the same form of package.json. */
import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import { publishedPackages, report, root, rootManifest } from './workspace.mjs';

const FILES = [
  'src/index.ts',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'tsconfig.json',
  'tsconfig.build.json',
];
const SAME_AS_CORE = ['LICENSE', 'tsconfig.json', 'tsconfig.build.json'];
const USUAL_KEYS = new Set(
  `name version description keywords license repository files type sideEffects exports publishConfig
  scripts dependencies devDependencies peerDependencies peerDependenciesMeta optionalDependencies
  engines`.split(/\s+/),
);

const findings = [];
const repository = 'git+https://github.com/perf-js/perf.git';

for (const { folder, dir, label, manifest } of publishedPackages()) {
  const file = `${label}/package.json`;
  const expect = (field, value) => {
    if (!isDeepStrictEqual(manifest[field], value)) {
      findings.push(`${file}: "${field}" must be ${JSON.stringify(value)}`);
    }
  };

  for (const name of FILES) {
    if (!existsSync(path.join(dir, name))) findings.push(`${label}: ${name} is missing`);
  }
  for (const name of SAME_AS_CORE) {
    const mine = path.join(dir, name);
    if (existsSync(mine) && read(mine) !== read(path.join(root, 'packages/core', name))) {
      findings.push(`${label}/${name} differs from packages/core/${name}`);
    }
  }

  expect('name', `@perf/${folder}`);
  expect('license', 'MIT');
  expect('repository', { type: 'git', url: repository, directory: label });
  expect('files', ['dist', 'src', 'CHANGELOG.md']);
  expect('type', 'module');
  expect('sideEffects', false);
  expect('engines', rootManifest.engines);
  expect('private', undefined);
  if (!/^[A-Z].{20,}[^.]$/.test(manifest.description ?? '')) {
    findings.push(`${file}: "description" must be one sentence without a full stop`);
  }
  for (const key of Object.keys(manifest)) {
    if (!USUAL_KEYS.has(key)) findings.push(`${file}: "${key}" is not among the usual keys`);
  }
  for (const name of ['build', 'typecheck', 'check:exports']) {
    if (manifest.scripts?.[name] === undefined) findings.push(`${file}: no script "${name}"`);
  }
  checkExports(manifest, dir, file);
}
report('Package shape', findings);

/** Each entry names a source under `@perf/source`, and what is published leaves that condition out. */
function checkExports(manifest, dir, file) {
  const entries = manifest.exports ?? {};
  const published = {};
  for (const [subpath, conditions] of Object.entries(entries)) {
    if (subpath === './package.json') {
      published[subpath] = conditions;
      continue;
    }
    const { '@perf/source': source, ...rest } = conditions;
    const stem = /^\.\/src\/(.+)\.ts$/.exec(source ?? '')?.[1];
    if (stem === undefined || !existsSync(path.join(dir, source))) {
      findings.push(`${file}: exports["${subpath}"]["@perf/source"] must name a file in ./src`);
      continue;
    }
    const expected = { types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` };
    if (!isDeepStrictEqual(rest, expected) || Object.keys(conditions)[0] !== '@perf/source') {
      findings.push(`${file}: exports["${subpath}"] must end in ${JSON.stringify(expected)}`);
    }
    published[subpath] = expected;
  }
  if (entries['.'] === undefined) findings.push(`${file}: exports has no "."`);
  if (entries['./package.json'] !== './package.json') {
    findings.push(`${file}: exports must have "./package.json"`);
  }
  const { exports, ...others } = manifest.publishConfig ?? {};
  if (!isDeepStrictEqual(exports, published) || !isDeepStrictEqual(others, { access: 'public' })) {
    findings.push(`${file}: "publishConfig" must be exports without "@perf/source", and "access"`);
  }
}

function read(file) {
  return readFileSync(file, 'utf8');
}
