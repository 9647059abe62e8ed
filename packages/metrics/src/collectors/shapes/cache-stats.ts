import type { Stats, StatsShape } from './stats-shape.ts';
import { hasNumbers, isStats, numberIn, statsIn } from './stats-shape.ts';
import { Teller } from './teller.ts';

const MS_PER_SECOND = 1000;

/** `{ hits, misses }` and more: memory caches, tiered caches, and others of that kind. */
export const cacheStats: StatsShape = {
  what: 'a cache',
  matches: (stats) => hasNumbers(stats, 'hits', 'misses'),
  tell(sink, cache, stats) {
    const tell = new Teller(sink, { cache });
    const { hits, misses } = stats as { readonly hits: number; readonly misses: number };
    tell.counter('cache_hits_total', 'Look-ups that found a value', hits);
    tell.counter('cache_misses_total', 'Look-ups that found none', misses);
    const rate = hits + misses === 0 ? 0 : hits / (hits + misses);
    tell.gauge('cache_hit_rate', 'Part of the look-ups that found a value', rate, {}, 'mean');
    const number = (field: string): number | undefined => numberIn(stats, field);
    tell.counter('cache_sets_total', 'Values that were set', number('sets'));
    tell.counter('cache_evictions_total', 'Entries that had to leave', number('evictions'));
    tell.counter('cache_expirations_total', 'Entries whose time was over', number('expirations'));
    tell.gauge('cache_entries', 'Entries in memory', number('size'));
    tell.gauge('cache_size_bytes', 'What the entries in memory weigh', number('bytes'));
    tell.counter('cache_stale_hits_total', 'Hits that were served stale', number('stale'));
    tell.counter('cache_loads_total', 'Calls of loaders', number('loads'));
    tell.counter('cache_load_errors_total', 'Calls of loaders that failed', number('loadErrors'));
    tell.counter(
      'cache_coalesced_total',
      'Callers that joined the load of another',
      number('coalesced'),
    );
    const loadMs = numberIn(statsIn(stats, 'loadMs'), 'total');
    const seconds = loadMs === undefined ? undefined : loadMs / MS_PER_SECOND;
    tell.counter('cache_load_seconds_total', 'Time that loaders took', seconds);
    tellTiers(tell, stats);
  },
};

function tellTiers(tell: Teller, stats: Stats): void {
  const { tiers } = stats;
  for (const tier of Array.isArray(tiers) ? tiers : []) {
    if (!isStats(tier) || typeof tier['name'] !== 'string') continue;
    const label = { tier: tier['name'] };
    tell.counter('cache_tier_hits_total', 'Hits of a tier', numberIn(tier, 'hits'), label);
    tell.counter('cache_tier_misses_total', 'Misses of a tier', numberIn(tier, 'misses'), label);
    tell.counter(
      'cache_tier_errors_total',
      'Calls of a tier that failed',
      numberIn(tier, 'errors'),
      label,
    );
    const pending = numberIn(tier, 'pending');
    tell.gauge('cache_tier_pending', 'Invalidations that a tier was not told yet', pending, label);
  }
}
