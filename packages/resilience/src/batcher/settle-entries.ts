import { BatchResultError } from '../errors.ts';
import type { Batch, BatchEntry } from './batch.ts';
import type { BatchResults } from './options.ts';

/**
 * Hands each entry of a batch what was loaded for it.
 * @returns how many were rejected
 * @throws {@link BatchResultError} when the results are not those of the batch, before any entry is settled
 */
export function settleEntries<K, V, I>(
  batcher: string,
  batch: Batch<K, V, I>,
  results: BatchResults<V, I>,
): number {
  if (Array.isArray(results)) {
    return settleInOrder(batcher, batch, results as readonly (V | Error)[]);
  }
  if (results instanceof Map) {
    return settleByKey(batcher, batch, results as ReadonlyMap<I, V | Error>);
  }
  const kind = results === null ? 'null' : typeof results;
  throw new BatchResultError(batcher, `${kind}, which is neither an array nor a Map`);
}

function settleInOrder<K, V, I>(
  batcher: string,
  batch: Batch<K, V, I>,
  results: readonly (V | Error)[],
): number {
  const { entries } = batch;
  if (results.length !== entries.length) {
    throw new BatchResultError(
      batcher,
      `${results.length} results for ${entries.length} keys; where there is nothing, put undefined or an Error`,
    );
  }
  let failed = 0;
  for (let position = 0; position < entries.length; position++) {
    failed += settle(entries[position] as BatchEntry<K, V, I>, results[position] as V | Error);
  }
  return failed;
}

function settleByKey<K, V, I>(
  batcher: string,
  batch: Batch<K, V, I>,
  results: ReadonlyMap<I, V | Error>,
): number {
  let failed = 0;
  for (const [position, entry] of batch.entries.entries()) {
    const identity = batch.identities[position] as I;
    const value = results.get(identity);
    const missing = value === undefined && !results.has(identity);
    failed += settle(entry, missing ? noResult(batcher) : (value as V | Error));
  }
  return failed;
}

function noResult(batcher: string): BatchResultError {
  return new BatchResultError(
    batcher,
    'a Map without this key; where there is nothing, set undefined or an Error',
  );
}

function settle<K, V, I>(entry: BatchEntry<K, V, I>, value: V | Error): 0 | 1 {
  if (typeof value === 'object' && value instanceof Error) {
    entry.reject(value);
    return 1;
  }
  entry.resolve(value);
  return 0;
}
