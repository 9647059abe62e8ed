import type { CacheContext } from '../context/cache-context.ts';
import { attentionOf } from '../local/attention.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** The times of an entry. */
export type EntryTimes = Pick<
  LocalEntry<unknown>,
  'freshUntil' | 'staleUntil' | 'refreshAt' | 'touchAt' | 'attention'
>;

/** What an entry's times follow from. */
export interface Lifetime {
  /** Monotonic time from which the rest, in milliseconds, counts. */
  readonly from: number;
  readonly freshFor: number;
  readonly staleFor: number;
  /** How long the stores keep it if nobody reads it. */
  readonly idleFor?: number | undefined;
  /** How long its load took. */
  readonly loadTime?: number | undefined;
}

/** When an entry stops being fresh and being kept, and what is to be done about it before. */
export function entryTimes<V>(
  context: CacheContext<V>,
  { from, freshFor, staleFor, idleFor, loadTime }: Lifetime,
): EntryTimes {
  const freshUntil = from + freshFor;
  const staleUntil = from + staleFor;
  const refreshAt = drawRefresh(context, freshUntil, loadTime);
  const touchAt = context.local.touchDue(from, staleUntil, idleFor);
  const attention = attentionOf({ freshUntil, refreshAt, touchAt });
  return { freshUntil, staleUntil, refreshAt, touchAt, attention };
}

/**
 * When a hit begins an early refresh: drawn once per entry, the earlier the longer loads take, so that
 * instances do not all find it expired at once (XFetch: Vattani, Chierichetti, Lowenstein, VLDB 2015).
 */
function drawRefresh<V>(
  { loadTimes, options, random }: CacheContext<V>,
  freshUntil: number,
  loadTime: number = loadTimes.mean,
): number {
  const { earlyRefresh: beta } = options;
  if (beta === 0 || freshUntil === Infinity || loadTime === 0) return Infinity;
  return freshUntil + loadTime * beta * Math.log(1 - random());
}

/** How long a store is told to keep an entry, in whole milliseconds. */
export function storedFor<V>(
  { options }: Pick<CacheContext<V>, 'options'>,
  { store }: StoreGate,
  { staleUntil }: Pick<EntryTimes, 'staleUntil'>,
  now: number,
): number {
  const left = Math.ceil(staleUntil - now);
  return store.capabilities.touch ? Math.min(left, options.slidingTtl) : left;
}
