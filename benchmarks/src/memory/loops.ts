/**
 * The timed loops. The module is loaded once for each cache (by a query in its URL), so that V8 keeps
 * its observations of types apart: a user's call site sees one kind of cache as well.
 */

/** What the loops need of a cache. */
export interface TimedCache {
  get(key: string): unknown;
  set(key: string, value: object): unknown;
  has?(key: string): boolean;
  delete?(key: string): unknown;
  stats?(): object;
}

/** A part of a list. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** @returns how many were there */
export function getAll(cache: TimedCache, keys: readonly string[], { from, to }: Span): number {
  let hits = 0;
  for (let i = from; i < to; i++) {
    if (cache.get(keys[i] as string) !== undefined) hits++;
  }
  return hits;
}

/** @returns the last result, so that nothing can be left out */
export function setAll(
  cache: TimedCache,
  keys: readonly string[],
  value: object,
  { from, to }: Span,
): unknown {
  let last: unknown;
  for (let i = from; i < to; i++) last = cache.set(keys[i] as string, value);
  return last;
}

/**
 * A get is followed by a set when it misses.
 * @param operations indices of keys, with the highest bit where it is a set
 * @returns how many gets were hits
 */
export function readThrough(
  cache: TimedCache,
  keys: readonly string[],
  operations: Uint32Array,
  value: object,
  { from, to }: Span,
): number {
  let hits = 0;
  for (let i = from; i < to; i++) {
    const operation = operations[i] as number;
    const key = keys[operation & 0x7fff_ffff] as string;
    if (operation >>> 31 === 1) cache.set(key, value);
    else if (cache.get(key) === undefined) cache.set(key, value);
    else hits++;
  }
  return hits;
}

/** @returns the last result */
export function deleteAll(cache: TimedCache, keys: readonly string[], { from, to }: Span): unknown {
  let last: unknown;
  for (let i = from; i < to; i++) last = cache.delete?.(keys[i] as string);
  return last;
}

/** Results are kept where the compiler cannot see that nobody looks. */
export function readStats(cache: TimedCache, kept: (object | undefined)[], count: number): void {
  for (let i = 0; i < count; i++) kept[i & 7] = cache.stats?.();
}
