import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const RUNS = 5;

/** What each package may weigh alone, in kB; raise it only for what a user would pay that much for. */
const BOUNDS = {
  '@perf/core': 60,
  '@perf/cache-core': 430,
  '@perf/cache-fs': 60,
  '@perf/cache-redis': 80,
  '@perf/cache-sqlite': 80,
  '@perf/resilience': 245,
  '@perf/pool': 300,
  '@perf/metrics': 340,
};

/**
 * What each installed package weighs without sources and maps, alone and with everything that it brings
 * along, and how long its first import takes.
 * @param {string} folder where the packages are installed
 * @param {readonly import('./workspace.mjs').Member[]} members
 * @returns {{ table: string, findings: readonly string[] }} the packages that exceed their bound
 */
export function measure(folder, members) {
  const findings = [];
  const rows = members.map(({ name }) => {
    const own = bytesOf(path.join(folder, 'node_modules', name));
    const all = [...installedWith(folder, name)].map((one) =>
      bytesOf(path.join(folder, 'node_modules', one)),
    );
    const total = all.reduce((sum, bytes) => sum + bytes, 0);
    const bound = BOUNDS[name];
    if (bound === undefined) findings.push(`${name} has no bound in scripts/pack-size.mjs`);
    else if (own > bound * 1024) findings.push(`${name}: ${kilobytes(own)}, more than ${bound} kB`);
    const took = `${coldImport(folder, name).toFixed(1)} ms`;
    return [name, kilobytes(own), `${bound} kB`, kilobytes(total), took];
  });
  const head = ['package', 'alone', 'at most', 'installed', 'import'];
  return { table: table([head, ...rows]), findings };
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
