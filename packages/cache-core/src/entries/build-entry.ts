import type { EntryMeta } from '../codec/entry-codec.ts';
import type { StoredEntry } from '../contracts/cache-store.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { EntryTerms } from './entry-terms.ts';

/** What was known when a value began to come into being: what is invalidated later concerns it. */
export type Origin = Pick<LocalEntry<unknown>, 'ledgerId' | 'asOf' | 'born' | 'verified' | 'epoch'>;

/** When a read began, by each of the orders that decide what its result is worth. */
export interface ReadStart {
  readonly epoch: number;
  readonly time: number;
}

/** One moment: ledger id and number are a pair. */
export function originNow<V>({ ledger, clock }: CacheContext<V>): Origin {
  const { replica, epoch } = ledger;
  return {
    ledgerId: replica.id,
    asOf: replica.reached,
    born: replica.nextTick(),
    verified: clock.now(),
    epoch,
  };
}

/** An entry for a value that is new now; no store has it. */
export function newEntry<V>(
  { clock, options }: CacheContext<V>,
  value: V,
  { ttl, tags }: EntryTerms,
  origin: Origin,
): LocalEntry<V> {
  const now = clock.now();
  return {
    ...origin,
    value,
    nonce: '',
    tags,
    storedAt: clock.epoch(),
    freshUntil: now + ttl,
    staleUntil: now + ttl + Math.max(options.staleWhileRevalidate, options.staleIfError),
    judged: -1,
  };
}

/** An entry that a store has, its times by the store's clock and never longer than they were meant. */
export function entryFromStore<V>(
  { authority, clock, ledger }: CacheContext<V>,
  meta: EntryMeta & { readonly nonce: string },
  { remaining = meta.staleUntil - clock.epoch() }: StoredEntry,
  start: ReadStart,
): Omit<LocalEntry<V>, 'value'> {
  const staleLeft = Math.min(Math.max(remaining, 0), meta.staleUntil - meta.created);
  const staleSpan = meta.freshUntil === Infinity ? 0 : meta.staleUntil - meta.freshUntil;
  const freshLeft = Math.min(staleLeft - staleSpan, meta.freshUntil - meta.created);
  return {
    nonce: meta.nonce,
    ledgerId: meta.ledgerId,
    // Numbers of an earlier process, whose clock may have been ahead, mean nothing to this one.
    asOf: authority === undefined ? Math.min(meta.asOf, ledger.replica.reached) : meta.asOf,
    tags: meta.tags,
    // It may be older than any invalidation that was only called for.
    born: -1,
    storedAt: meta.created,
    freshUntil: start.time + freshLeft,
    staleUntil: start.time + staleLeft,
    verified: start.time,
    epoch: start.epoch,
    judged: -1,
  };
}
