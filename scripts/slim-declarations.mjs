import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { parseSync } from 'rolldown/utils';
import { filesBelow } from './workspace.mjs';

/**
 * Leaves, of the declarations below `dist`, what the entries export and what that mentions, with its
 * docs. What is left stays on lines of its own, and the maps to the sources stay right.
 * @param {string} dist
 * @param {readonly string[]} entries absolute paths of declaration files
 */
export function slimDeclarations(dist, entries) {
  const files = new Map(filesBelow(dist, '.d.ts').map((file) => [file, readDeclarations(file)]));
  for (const entry of entries) keepAll(files, entry);
  for (const [file, module] of files) {
    if (module.kept.size > 0) write(module);
    else for (const one of [file, `${file}.map`]) rmSync(one);
  }
}

/** A parsed file: who declares, imports or passes on each name, and which statements are kept. */
function readDeclarations(file) {
  const text = readFileSync(file, 'utf8');
  const { program, errors } = parseSync(file, text, { lang: 'dts', astType: 'ts' });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const declared = new Map();
  const imported = new Map();
  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') {
      throw new Error(`${file}: "export *" does not say what is public`);
    }
    if (statement.type === 'ImportDeclaration') {
      for (const specifier of statement.specifiers) {
        imported.set(specifier.local.name, { statement, specifier });
      }
      continue;
    }
    for (const name of namesOf(statement)) {
      declared.set(name, [...(declared.get(name) ?? []), statement]);
    }
  }
  const kept = new Set();
  return { file, text, statements: program.body, declared, imported, kept };
}

/** What a statement declares or passes on. */
function namesOf(statement) {
  if (statement.specifiers?.length > 0) return statement.specifiers.map((one) => one.exported.name);
  const { id, declarations } = statement.declaration ?? statement;
  return (declarations?.map((one) => one.id) ?? [id]).flatMap((one) => one?.name ?? []);
}

function keepAll(files, file) {
  for (const name of files.get(file).declared.keys()) keep(files, file, name);
}

/** Keeps what a file means by the name, and everything that this mentions. */
function keep(files, file, name) {
  const module = files.get(file);
  if (module === undefined) throw new Error(`${file} is imported, and missing`);
  for (const statement of module.declared.get(name) ?? []) {
    if (module.kept.has(statement)) continue;
    module.kept.add(statement);
    for (const mentioned of mentionedBy(statement)) {
      keep(files, sourceOf(file, statement) ?? file, mentioned);
    }
  }
  const { statement, specifier } = module.imported.get(name) ?? {};
  if (statement === undefined || module.kept.has(specifier)) return;
  module.kept.add(statement).add(specifier);
  const source = sourceOf(file, statement);
  if (source === undefined) return;
  if (specifier.type === 'ImportSpecifier') keep(files, source, specifier.imported.name);
  else keepAll(files, source);
}

/** The declaration file that a statement imports from; undefined for none and for another package. */
function sourceOf(file, { source }) {
  if (!source?.value.startsWith('.')) return undefined;
  return path.resolve(path.dirname(file), source.value.replace(/\.[jt]s$/, '.d.ts'));
}

/** Every identifier below a node: more than the types that it mentions, never less. */
function mentionedBy(node, names = new Set()) {
  if (node.type === 'TSImportType') throw new Error('an import() type: import it by name instead');
  if (node.type === 'Identifier') names.add(node.name);
  for (const value of Object.values(node).flat()) {
    if (typeof value === 'object' && value !== null) mentionedBy(value, names);
  }
  return names;
}

/** Whole lines go, together with the docs above them. */
function write({ file, text, statements, kept }) {
  const lineOf = (offset) => text.slice(0, offset).split('\n').length - 1;
  const lines = text.split('\n');
  const map = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  const mappings = decode(map.mappings);
  let next = 0;
  for (const statement of statements) {
    const first = next;
    next = lineOf(statement.end) + 1;
    if (statement.type === 'ImportDeclaration' && kept.has(statement)) {
      lines.fill('', first, next);
      lines[first] = importOf(statement, kept, text);
    } else if (!kept.has(statement) && !isModuleMark(statement)) {
      lines.fill('', first, next);
    }
  }
  const left = lines.map((line, index) => ({ line, segments: mappings[index] ?? [] }));
  const filled = left.filter(({ line }) => line !== '');
  writeFileSync(file, `${filled.map(({ line }) => line).join('\n')}\n`);
  map.mappings = encode(filled.map(({ segments }) => segments));
  writeFileSync(`${file}.map`, JSON.stringify(map));
}

function importOf(statement, kept, text) {
  const specifiers = statement.specifiers.filter((one) => kept.has(one));
  if (specifiers.length === statement.specifiers.length) {
    return text.slice(statement.start, statement.end);
  }
  if (specifiers.some((one) => one.type !== 'ImportSpecifier')) {
    throw new Error(`"${text.slice(statement.start, statement.end)}" mixes forms of import`);
  }
  const names = specifiers.map((one) => text.slice(one.start, one.end)).join(', ');
  const type = statement.importKind === 'type' ? 'type ' : '';
  return `import ${type}{ ${names} } from ${statement.source.raw};`;
}

/** `export {}`, without which everything in the file would count as exported. */
function isModuleMark({ type, declaration, specifiers }) {
  return type === 'ExportNamedDeclaration' && declaration === null && specifiers.length === 0;
}
