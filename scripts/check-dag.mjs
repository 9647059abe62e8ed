/** Checks who depends on whom, by the manifests and by the imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { FOLDERS_MAY_NAME, FOLDERS_MAY_USE, INSTALLS_ONLY, MAY_USE } from './dependency-rules.mjs';
import { filesBelow, report, root, workspaceMembers } from './workspace.mjs';

const RUNTIME_SECTIONS = ['dependencies', 'optionalDependencies', 'peerDependencies'];
const members = workspaceMembers();
const byName = new Map(members.map((member) => [member.name, member]));
const findings = [];

for (const [folder, table] of Object.entries(FOLDERS_MAY_USE)) checkIsOrder(folder, table);
for (const member of members) {
  checkManifest(member);
  checkFolders(member);
  const declared = namesIn(member.manifest, RUNTIME_SECTIONS);
  const declaredForTests = namesIn(member.manifest, [...RUNTIME_SECTIONS, 'devDependencies']);
  checkImports(member, 'src', declared);
  checkImports(member, 'test', declaredForTests);
}
report('Dependency direction', findings);

function checkManifest(member) {
  const { manifest, label } = member;
  const file = `${label}/package.json`;
  if (member.area === 'packages' && !(member.folder in MAY_USE)) {
    findings.push(`${file}: the package has no row in the table of scripts/dependency-rules.mjs`);
  }
  for (const section of [...RUNTIME_SECTIONS, 'devDependencies']) {
    for (const [name, range] of Object.entries(manifest[section] ?? {})) {
      const target = byName.get(name);
      if (target === undefined) {
        if (name.startsWith('@perf/')) findings.push(`${file}: ${name} does not exist`);
        continue;
      }
      if (!range.startsWith('workspace:')) {
        findings.push(`${file}: ${name} must be "workspace:^", not "${range}"`);
      }
      if (section === 'devDependencies') continue;
      checkDirection(member, target, file);
      if (member.area === 'packages' && (section !== 'dependencies' || range !== 'workspace:^')) {
        findings.push(`${file}: ${name} must stand in "dependencies" as "workspace:^"`);
      }
    }
  }
  const only = member.area === 'packages' ? INSTALLS_ONLY[member.folder] : undefined;
  for (const name of only === undefined ? [] : Object.keys(manifest.dependencies ?? {})) {
    if (!only.includes(name)) {
      findings.push(`${file}: may install only ${only.join(', ') || 'nothing'}, not ${name}`);
    }
  }
}

/** That no folder may use itself through others. */
function checkIsOrder(label, table) {
  const done = new Set();
  const visit = (folder, path) => {
    if (path.includes(folder)) {
      findings.push(
        `the table of ${label}'s folders has a cycle: ${[...path, folder].join(' → ')}`,
      );
    } else if (!done.has(folder)) {
      for (const used of table[folder] ?? []) visit(used, [...path, folder]);
      done.add(folder);
    }
  };
  for (const folder of Object.keys(table)) visit(folder, []);
}

/** Imports between the folders of one package. */
function checkFolders(member) {
  const src = path.join(member.dir, 'src');
  const table = member.area === 'packages' ? FOLDERS_MAY_USE[member.folder] : undefined;
  const folders = foldersIn(src);
  if (table === undefined) {
    if (member.area === 'packages' && folders.length > 0) {
      findings.push(`${member.label}/src: no table of its folders in scripts/dependency-rules.mjs`);
    }
    return;
  }
  for (const folder of folders) {
    if (!(folder in table)) {
      findings.push(
        `${member.label}/src/${folder}: no row in the table of scripts/dependency-rules.mjs`,
      );
      continue;
    }
    const nameable = FOLDERS_MAY_NAME[member.folder]?.[folder] ?? [];
    for (const file of filesBelow(path.join(src, folder), '.ts')) {
      for (const { specifier, line, isType } of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const [target, ...rest] = path
          .relative(src, path.resolve(path.dirname(file), specifier))
          .split(path.sep);
        if (rest.length === 0 || target === folder || table[folder].includes(target)) continue;
        if (isType && nameable.includes(target)) continue;
        const where = `${path.relative(root, file)}:${line}`;
        findings.push(`${where}: src/${folder} may not use src/${target}`);
      }
    }
  }
}

function checkDirection(member, target, where) {
  if (member.area !== 'packages') return;
  if (target.area !== 'packages') {
    findings.push(`${where}: a published package cannot use ${target.name}, which is private`);
  } else if (!(MAY_USE[member.folder] ?? []).includes(target.folder)) {
    findings.push(`${where}: ${member.name} may not use ${target.name}`);
  }
}

function checkImports(member, folder, declared) {
  const base = path.join(member.dir, folder);
  const files = ['.ts', '.mts', '.cts'].flatMap((extension) => filesBelow(base, extension));
  for (const file of files) {
    for (const { specifier, line } of importsOf(file)) {
      const where = `${path.relative(root, file)}:${line}`;
      if (specifier.startsWith('.')) {
        checkRelative(member, file, specifier, folder, where);
      } else if (isBuiltin(specifier)) {
        if (!specifier.startsWith('node:')) {
          findings.push(`${where}: write 'node:${specifier}', not '${specifier}'`);
        }
      } else {
        checkPackageImport(member, specifier, folder, declared, where);
      }
    }
  }
}

function checkRelative(member, file, specifier, folder, where) {
  const target = path.resolve(path.dirname(file), specifier);
  const home = folder === 'src' ? path.join(member.dir, 'src') : member.dir;
  if (!target.startsWith(home + path.sep)) {
    findings.push(`${where}: '${specifier}' leaves ${path.relative(root, home)}`);
  } else if (!existsSync(target)) {
    findings.push(`${where}: '${specifier}' does not exist (relative imports name the .ts file)`);
  }
}

function checkPackageImport(member, specifier, folder, declared, where) {
  const parts = specifier.split('/');
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const target = byName.get(name);
  if (target === member) {
    if (folder === 'src') findings.push(`${where}: the package imports itself by name`);
    checkExported(member, target, specifier, where);
    return;
  }
  if (!declared.has(name) && !declared.has(typesPackageOf(name))) {
    findings.push(`${where}: '${name}' is not declared in ${member.label}/package.json`);
  }
  if (target === undefined) return;
  if (folder === 'src') checkDirection(member, target, where);
  checkExported(member, target, specifier, where);
}

function checkExported(member, target, specifier, where) {
  const subpath = `.${specifier.slice(target.name.length)}`;
  if (!(subpath in (target.manifest.exports ?? {}))) {
    findings.push(`${where}: '${specifier}' is an inner path of ${target.name}`);
  }
}

function namesIn(manifest, sections) {
  return new Set(sections.flatMap((section) => Object.keys(manifest[section] ?? {})));
}

function foldersIn(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The name of the package with the types of `name`. */
function typesPackageOf(name) {
  return `@types/${name.replace(/^@/, '').replace('/', '__')}`;
}

/** Static and dynamic imports, and whether only of types; those in comments do not count. */
function importsOf(file) {
  const text = readFileSync(file, 'utf8').replaceAll(/^[ \t]*(?:\*|\/\/|\/\*).*$/gm, '');
  const forms = [
    /^(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
    /\b(?:require|require\.resolve)\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return forms.flatMap((form) =>
    [...text.matchAll(form)].map((match) => ({
      specifier: match[1],
      isType: /^(?:import|export)\s+type\b/.test(match[0]),
      line: text.slice(0, match.index).split('\n').length,
    })),
  );
}
