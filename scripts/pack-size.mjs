import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const RUNS = 5;

/**
 * A table of what each installed package weighs without sources and maps, alone and with everything
 * that it brings along, and how long its first import takes. For information; nothing is judged.
 * @param {string} folder where the packages are installed
 * @param {readonly import('./workspace.mjs').Member[]} members
 */
export function measure(folder, members) {
  const rows = members.map(({ name }) => {
    const own = bytesOf(path.join(folder, 'node_modules', name));
    const all = [...installedWith(folder, name)].map((one) =>
      bytesOf(path.join(folder, 'node_modules', one)),
    );
    const total = all.reduce((sum, bytes) => sum + bytes, 0);
    return [name, kilobytes(own), kilobytes(total), `${coldImport(folder, name).toFixed(1)} ms`];
  });
  return table([['package', 'alone', 'installed', 'import'], ...rows]);
}

/** The package and all that it depends on, as npm has flattened them. */
function installedWith(folder, name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const manifest = path.join(folder, 'node_modules', name, 'package.json');
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const one of Object.keys(dependencies)) installedWith(folder, one, seen);
  return seen;
}

function bytesOf(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(path.join(dir, 'src') + path.sep))
    .reduce((sum, file) => sum + statSync(file).size, 0);
}

/** The median over fresh processes. */
function coldImport(folder, name) {
  const program = `const start = performance.now(); await import('${name}'); console.log(performance.now() - start)`;
  const times = Array.from({ length: RUNS }, () =>
    Number(
      spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        cwd: folder,
        encoding: 'utf8',
      }).stdout,
    ),
  );
  return times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)];
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} kB`;
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
        )
        .join('  '),
    )
    .join('\n');
}
