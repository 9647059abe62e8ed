import { abortable, createDeferred } from '@perf/core';
import type { CacheContext } from '../context/cache-context.ts';
import { checkTerms } from '../entries/entry-terms.ts';
import { checkKey } from '../keys/check-key.ts';
import type { CacheLoader } from '../loading/cache-loader.ts';
import type { LoadContext } from '../loading/load-context.ts';
import { Reservation } from '../loading/reservation.ts';
import type { Found } from './cache-reader.ts';
import type { LoadOptions } from './load-through.ts';
import type { CacheHit } from './results.ts';
import { toHit } from './to-hit.ts';

/**
 * What a load of the key by somebody else gave, or the right to fill it.
 * @param found that no tier has it
 */
export async function reserve<V>(
  context: CacheContext<V>,
  loader: CacheLoader<V>,
  key: string,
  { spare, read }: Extract<Found<V>, { state: 'miss' }>,
  options: LoadOptions,
): Promise<CacheHit<V> | Reservation<V>> {
  checkKey(key);
  const { clock } = context;
  const { signal } = options;
  const terms = checkTerms('load', options, context.options.ttl);
  signal?.throwIfAborted();
  const opened = createDeferred<Reservation<V>>();
  const wait = new AbortController();
  const load = (own: LoadContext<V>): Promise<V> => {
    const reservation = new Reservation(own);
    reservations.push(reservation);
    // Its owner has left.
    if (wait.signal.aborted) void reservation.release();
    opened.resolve(reservation);
    return reservation.filled as Promise<V>;
  };
  const reservations: Reservation<V>[] = [];
  const onEnd = (stored: boolean): void => {
    for (const reservation of reservations) reservation.end(stored);
  };
  const request = { ...terms, key, load, spare, read, onEnd };
  const loading = loader.load(request, wait.signal);
  loading.catch(() => undefined);
  try {
    const first = await abortable(Promise.race([opened.promise, loading]), signal);
    if (first instanceof Reservation) return first;
    const { entry, state, tier, instead } = first;
    const hit = toHit(clock, entry, state === 'stale' ? 'stale' : 'hit', tier);
    return instead !== undefined && 'error' in instead ? { ...hit, error: instead.error } : hit;
  } finally {
    // The load goes on without this call waiting for it.
    wait.abort(signal?.reason);
  }
}
