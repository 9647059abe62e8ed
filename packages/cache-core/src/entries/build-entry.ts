import type { EntryMeta } from '../codec/entry-codec.ts';
import type { StoredEntry } from '../contracts/cache-store.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { EntryTerms } from './entry-terms.ts';
import { entryTimes } from './entry-times.ts';

/** What was known when a value began to come into being: what is invalidated later concerns it. */
export type Origin = Pick<LocalEntry<unknown>, 'ledgerId' | 'asOf' | 'born' | 'verified' | 'epoch'>;

/** When a read began, by each of the orders that decide what its result is worth. */
export interface ReadStart {
  readonly epoch: number;
  readonly time: number;
}

/**
 * One moment: ledger id and number are a pair.
 * @param epoch that in which it began, where it began before
 */
export function originNow<V>(
  { ledger, clock }: CacheContext<V>,
  epoch: number = ledger.epoch,
): Origin {
  const { replica } = ledger;
  return {
    ledgerId: replica.id,
    asOf: replica.reached,
    born: replica.nextTick(),
    verified: clock.now(),
    epoch,
  };
}

/**
 * An entry for a value that is new now; no store has it.
 * @param loadTime how long its load took, in milliseconds, where that was measured
 */
export function newEntry<V>(
  context: CacheContext<V>,
  value: V,
  { ttl, tags, negative = false }: EntryTerms,
  origin: Origin,
  loadTime?: number,
): LocalEntry<V> {
  const { clock, options, random } = context;
  const freshFor =
    options.jitter === 0 || ttl === Infinity ? ttl : ttl * (1 - options.jitter * random());
  const keptFor = negative ? 0 : Math.max(options.staleWhileRevalidate, options.staleIfError);
  const from = clock.now();
  const times = entryTimes(context, { from, freshFor, staleFor: freshFor + keptFor, loadTime });
  // Field by field, in the order of every other entry: see LocalEntry.
  return {
    value,
    attention: times.attention,
    epoch: origin.epoch,
    judged: -1,
    ledgerId: origin.ledgerId,
    asOf: origin.asOf,
    tags,
    negative,
    nonce: '',
    born: origin.born,
    storedAt: clock.epoch(),
    freshUntil: times.freshUntil,
    staleUntil: times.staleUntil,
    refreshAt: times.refreshAt,
    touchAt: times.touchAt,
    verified: origin.verified,
  };
}

/**
 * An entry that a store has, its times by the store's clock (where that tells how long it is kept
 * unread: by this host's) and never longer than they were meant. Its value is yet to be decoded.
 */
export function entryFromStore<V>(
  context: CacheContext<V>,
  meta: EntryMeta & { readonly nonce: string },
  { remaining }: StoredEntry,
  start: ReadStart,
): LocalEntry<V | undefined> {
  const { authority, clock, ledger, options } = context;
  const byOwnClock = meta.staleUntil - clock.epoch();
  const isSliding = options.slidingTtl < Infinity;
  const left = isSliding ? byOwnClock : (remaining ?? byOwnClock);
  const staleFor = Math.min(Math.max(left, 0), meta.staleUntil - meta.created);
  const staleSpan = meta.freshUntil === Infinity ? 0 : meta.staleUntil - meta.freshUntil;
  const freshFor = Math.min(staleFor - staleSpan, meta.freshUntil - meta.created);
  const idleFor = isSliding ? (remaining ?? 0) : undefined;
  const times = entryTimes(context, { from: start.time, freshFor, staleFor, idleFor });
  // Field by field, in the order of every other entry: see LocalEntry.
  return {
    value: undefined,
    attention: times.attention,
    epoch: start.epoch,
    judged: -1,
    ledgerId: meta.ledgerId,
    // Numbers of an earlier process, whose clock may have been ahead, mean nothing to this one.
    asOf: authority === undefined ? Math.min(meta.asOf, ledger.replica.reached) : meta.asOf,
    tags: meta.tags,
    negative: meta.negative === true,
    nonce: meta.nonce,
    // It may be older than any invalidation that was only called for.
    born: -1,
    storedAt: meta.created,
    freshUntil: times.freshUntil,
    staleUntil: times.staleUntil,
    refreshAt: times.refreshAt,
    touchAt: times.touchAt,
    verified: start.time,
  };
}
