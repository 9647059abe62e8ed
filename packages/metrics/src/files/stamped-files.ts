import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Names that {@link stampedName} gives: in the order of time when they are sorted. */
const STAMPED = /^perf-\d{8}T\d{9}Z-\d+-\d+(\.\w+)$/;

let written = 0;

/**
 * A name that no other file has: of the time, the process, and a number.
 * @param time in milliseconds since 1970
 * @param extension with its dot
 */
export function stampedName(time: number, extension: string): string {
  const stamp = new Date(time).toISOString().replaceAll(/[-:.]/g, '');
  return `perf-${stamp}-${process.pid}-${written++}${extension}`;
}

/** Removes the oldest files of those that {@link stampedName} named, beyond `max` with these extensions together. Others stay. */
export async function pruneFiles(
  folder: string,
  extensions: readonly string[],
  max: number,
): Promise<void> {
  const names = (await readdir(folder))
    .filter((name) => extensions.includes(STAMPED.exec(name)?.[1] ?? ''))
    .toSorted(byTime);
  const surplus = names.slice(0, Math.max(names.length - max, 0));
  await Promise.all(surplus.map((name) => rm(path.join(folder, name), { force: true })));
}

/** By the stamp, then by the rest, whose numbers count as numbers. */
function byTime(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
