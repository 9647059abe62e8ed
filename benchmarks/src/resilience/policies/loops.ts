/**
 * The timed loops. The module is loaded once for each subject (by a query in its URL), so that V8 keeps its observations of
 * types apart: a user's call site sees one kind of policy as well.
 */

/** How many calls are made at once where calls have to wait. */
export const AT_ONCE = 510;

/** One call after the other. */
export async function oneByOne(call: () => unknown, calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) await call();
}

/** {@link AT_ONCE} calls, and again when all have ended. */
export async function allAtOnce(call: () => unknown, calls: number): Promise<void> {
  for (let round = 0; round < calls / AT_ONCE; round++) {
    const results: unknown[] = [];
    for (let i = 0; i < AT_ONCE; i++) results.push(call());
    await Promise.all(results);
  }
}
