import type { CacheView } from '../context.ts';
import type { Recommendation, Suspicion } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

/** With fewer look-ups a cache may still be cold. */
const FEWEST_LOOKUPS = 200;
const MB = 1024 * 1024;

/** A cache finds too little of what it is asked for. */
export const lowHitRate: Rule = {
  cause: 'low-hit-rate',
  inspect(observation) {
    const { caches, previous } = observation.context;
    const entries = Object.entries(caches ?? {});
    if (entries.length === 0) return undefined;
    const recent = entries.map(([name, cache]) => ({
      name,
      cache,
      counts: added(cache, previous?.caches?.[name]),
    }));
    if (recent.every(({ counts }) => counts.lookups < FEWEST_LOOKUPS)) return undefined;
    return recent.flatMap(({ name, cache, counts }) => {
      const found = inspectCache(observation, name, cache, counts);
      return found === undefined ? [] : [found];
    });
  },
};

interface Counts {
  readonly lookups: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly expirations: number;
}

function inspectCache(
  { thresholds }: Observation,
  name: string,
  cache: CacheView,
  counts: Counts,
): Suspicion | undefined {
  const { lookups, hits, misses, evictions, expirations } = counts;
  const hitRate = hits / Math.max(1, lookups);
  const levels = thresholds.hitRate;
  if (lookups < FEWEST_LOOKUPS || hitRate >= levels.warning) return undefined;
  return {
    cause: 'low-hit-rate',
    intensity: intensityOf(hitRate, levels),
    confidence: 0.6 + 0.35 * (1 - FEWEST_LOOKUPS / (lookups + 1)),
    subject: name,
    summary: `the cache "${name}" answers ${Math.round(hitRate * 100)} % of its look-ups`,
    evidence: [
      { what: 'hit rate', value: hitRate * 100, unit: '%', limit: levels.warning * 100 },
      { what: 'look-ups', value: lookups, unit: 'count' },
      { what: 'evictions for each miss', value: (evictions / misses) * 100, unit: '%' },
      { what: 'expirations for each miss', value: (expirations / misses) * 100, unit: '%' },
      ...(cache.size === undefined
        ? []
        : [
            { what: 'entries', value: cache.size, unit: 'count' as const, limit: cache.maxEntries },
          ]),
    ],
    recommendation: recommend(name, cache, counts),
    explains: [],
  };
}

function recommend(name: string, cache: CacheView, counts: Counts): Recommendation {
  const { misses, evictions, expirations } = counts;
  if (evictions > misses * 0.3) return larger(name, cache);
  if (expirations > misses * 0.3) {
    return {
      setting: `ttl of the cache "${name}"`,
      from: undefined,
      to: 'several times as long, or refreshed in the background (staleWhileRevalidate)',
      why: 'entries expire before they are asked for again',
    };
  }
  return {
    setting: `keys of the cache "${name}"`,
    from: undefined,
    to: 'only what the value depends on',
    why: 'entries are neither evicted nor expired: the keys themselves hardly come again. Look for times, request ids, unsorted parameters or user-specific parts in them, and for writes that invalidate too much',
  };
}

/** Evictions say that there is no room; how much is missing is not known, so by doubling. */
function larger(
  name: string,
  { size = 0, maxEntries, bytes = 0, maxBytes }: CacheView,
): Recommendation {
  const isByBytes =
    maxBytes !== undefined &&
    Number.isFinite(maxBytes) &&
    (maxEntries === undefined || bytes / maxBytes > size / maxEntries);
  const why =
    'entries are evicted before they are asked for again: give them more room, and watch whether that helps';
  if (isByBytes) {
    const to = `${Math.round((maxBytes * 2) / MB)} MB`;
    return {
      setting: `maxBytes of the cache "${name}"`,
      from: `${Math.round(maxBytes / MB)} MB`,
      to,
      why,
    };
  }
  const most = maxEntries !== undefined && Number.isFinite(maxEntries) ? maxEntries : size;
  return { setting: `maxEntries of the cache "${name}"`, from: most, to: most * 2, why };
}

function added(now: CacheView, then: CacheView | undefined): Counts {
  const restarted = then === undefined || then.hits > now.hits || then.misses > now.misses;
  const since = (of: (cache: CacheView) => number | undefined): number =>
    (of(now) ?? 0) - (restarted ? 0 : (of(then) ?? 0));
  const hits = since((cache) => cache.hits);
  const misses = since((cache) => cache.misses);
  return {
    lookups: hits + misses,
    hits,
    misses,
    evictions: since((cache) => cache.evictions),
    expirations: since((cache) => cache.expirations),
  };
}
