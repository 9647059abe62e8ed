/** The part of a cache's statistics that {@link combineStats} reads. */
export interface CombinableStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly size: number;
}

/** One cache's share in {@link CombinedStats}. */
export interface CombinedCacheStats extends CombinableStats {
  /** `hits / (hits + misses)`, 0 before the first lookup. */
  readonly hitRate: number;
}

/** Several caches as one. */
export interface CombinedStats<Name extends string = string> {
  readonly totalHits: number;
  readonly totalMisses: number;
  /** `totalHits / (totalHits + totalMisses)`, 0 before the first lookup. */
  readonly overallHitRate: number;
  readonly caches: Readonly<Record<Name, CombinedCacheStats>>;
}

/** Adds up the statistics of several caches, and keeps each one's figures under its name. */
export function combineStats<Name extends string>(
  stats: Readonly<Record<Name, CombinableStats>>,
): CombinedStats<Name> {
  let totalHits = 0;
  let totalMisses = 0;
  const caches: [string, CombinedCacheStats][] = [];
  for (const [name, { hits, misses, evictions, size }] of Object.entries<CombinableStats>(stats)) {
    totalHits += hits;
    totalMisses += misses;
    caches.push([name, { hits, misses, evictions, hitRate: rate(hits, misses), size }]);
  }
  return {
    totalHits,
    totalMisses,
    overallHitRate: rate(totalHits, totalMisses),
    caches: Object.fromEntries(caches) as Record<Name, CombinedCacheStats>,
  };
}

function rate(hits: number, misses: number): number {
  return hits === 0 ? 0 : hits / (hits + misses);
}
