import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResultRow } from './target.ts';

/** The folder `benchmarks/`, from the built module. */
const HOME = path.resolve(import.meta.dirname, '..', '..');

/** The repository. */
export const ROOT: string = path.resolve(HOME, '..');

/** Writes `benchmarks/results/<group>.json`. @returns its path, from the repository's root */
export async function writeResults(group: string, rows: readonly ResultRow[]): Promise<string> {
  const file = path.join(HOME, 'results', `${group}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(rows, undefined, 2)}\n`);
  return path.relative(ROOT, file);
}
