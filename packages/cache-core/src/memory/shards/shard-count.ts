import type { Budget } from './budget.ts';

/** Up to here one index is quick enough. */
const LARGEST_UNSHARDED = 131_072;
/** The same where entries have weights: how many come is not known, and a `Map` doubles just above. */
const LARGEST_WEIGHED = 65_000;
/**
 * How many entries a shard is to expect. A `Map` doubles at powers of two: just below one, it wastes
 * least, and the shards that get a few more keys than others do not go beyond.
 */
const SHARE = 32_100;
/** How many times as many shards there are after there were too few. */
const SPREAD = 4;

/**
 * Over how many shards the entries of a cache should be spread, which are spread over `count`: by the
 * bound on entries; where they have weights, by how many there are, for nobody knows what will fit.
 */
export function wantedShards(
  count: number,
  { entries, maxEntries, maxBytes }: Readonly<Budget>,
): number {
  const most = shardsAtMost(maxEntries);
  if (maxBytes === Infinity) return most > 2 * count || 4 * most < count ? most : count;
  if (entries > (count === 1 ? LARGEST_WEIGHED : SHARE * count)) {
    return Math.min(most, SPREAD * Math.floor(entries / SHARE));
  }
  if (count > 1 && entries * 16 < SHARE * count) return Math.ceil((entries * SPREAD) / SHARE) || 1;
  return count;
}

/** How many shards a cache begins with. */
export function firstShards({
  maxEntries,
  maxBytes,
}: Pick<Budget, 'maxEntries' | 'maxBytes'>): number {
  return maxBytes === Infinity ? shardsAtMost(maxEntries) : 1;
}

function shardsAtMost(maxEntries: number): number {
  return maxEntries <= LARGEST_UNSHARDED ? 1 : Math.ceil(maxEntries / SHARE);
}
