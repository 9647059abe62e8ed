/**
 * The timed loops. The module is loaded once for each subject (by a query in its URL), so that V8 keeps
 * its observations of types apart: a user's call site sees one kind of cache as well.
 */

/** @returns how many were there */
export async function awaitAll(
  read: (key: string) => unknown,
  keys: readonly string[],
): Promise<number> {
  let hits = 0;
  for (const key of keys) {
    if ((await read(key)) !== undefined) hits++;
  }
  return hits;
}

/** @returns how many were there */
export function readAll(read: (key: string) => unknown, keys: readonly string[]): number {
  let hits = 0;
  for (const key of keys) {
    if (read(key) !== undefined) hits++;
  }
  return hits;
}
