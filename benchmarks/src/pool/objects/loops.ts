/**
 * The timed loops. The module is loaded once for each subject (by a query in its URL), so that V8 keeps its observations of
 * types apart: a user's call site sees one kind of pool as well.
 */

/** How many call at once where they have to wait. */
export const CALLERS = 64;

/** @returns the sum of what the cycles returned, so that none can be left out */
export function cycleAll(cycle: () => number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += cycle();
  return sum;
}

/** One acquire after the other. */
export async function oneByOne<Held>(
  acquire: () => PromiseLike<Held>,
  release: (held: Held) => unknown,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) release(await acquire());
}

/** {@link CALLERS} callers, each of which gives back at once what it has got, and asks again. */
export async function allAtOnce<Held>(
  acquire: () => PromiseLike<Held>,
  release: (held: Held) => unknown,
  count: number,
): Promise<void> {
  const call = async (): Promise<void> => {
    for (let i = 0; i < count / CALLERS; i++) release(await acquire());
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
}
