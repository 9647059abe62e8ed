/**
 * The timed loop. The module is loaded once for each subject (by a query in its URL), so that V8 keeps its observations of
 * types apart: a user's call site sees one kind of loader as well.
 */

export const KEYS_PER_BATCH = 100;

/** Loads that many batches of keys from `first` on, one batch after the other. */
export async function loadBatches(
  load: (key: number) => Promise<number>,
  batches: number,
  first: number,
): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    const loads: Promise<number>[] = [];
    const from = first + batch * KEYS_PER_BATCH;
    for (let key = from; key < from + KEYS_PER_BATCH; key++) loads.push(load(key));
    await Promise.all(loads);
  }
}
