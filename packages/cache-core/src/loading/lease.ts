import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { ReadOutcome, StoreReader } from '../entries/store-reader.ts';

/** Pauses between two looks at a ticket that somebody else holds, in milliseconds. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;
/** How often an entry that appears instead of a ticket may turn out to be unusable. */
const ROUNDS = 3;

/** The right to store what is loaded. */
export type Lease<V> =
  /** A ticket in the shared store, renewed until it is ended. */
  | {
      readonly kind: 'ticket';
      readonly ticket: string;
      readonly end: () => void;
      /** Whether it is known that somebody else has it now, or that the key was changed. */
      readonly isLost: () => boolean;
    }
  /** There is no shared store, or it is out of reach: memory alone may keep the value. */
  | { readonly kind: 'memory' }
  /** Somebody else loads and did not finish in time: the value is stored nowhere. */
  | { readonly kind: 'none' }
  /** Somebody else has stored the value. */
  | { readonly kind: 'hit'; readonly read: Extract<ReadOutcome<V>, { kind: 'hit' }> }
  /** The key was changed while waiting. */
  | { readonly kind: 'outdated' };

/**
 * Asks the shared store for the ticket to load a key, waiting for another holder at most
 * `leaseWait` before taking it over.
 */
export async function acquireLease<V>(
  context: CacheContext<V>,
  reader: StoreReader<V>,
  fence: Fence,
  firstBadNonce: string | undefined,
): Promise<Lease<V>> {
  const { authority, clock, options, lifecycle } = context;
  if (authority === undefined) return { kind: 'memory' };
  const ticket = context.newTicket();
  const giveUpAt = clock.now() + options.hardTimeout;
  let badNonce = firstBadNonce;
  let takeoverOf: string | undefined;
  let standing: { readonly ticket: string; readonly since: number } | undefined;
  let pause = FIRST_PAUSE;
  for (let unusable = 0; unusable < ROUNDS;) {
    if (fence.outdated) return { kind: 'outdated' };
    const start = reader.start();
    // Looked at again when it is sent; here it saves the call.
    const reply = authority.gate.available
      ? await authority.tickets.request({ key: fence.key, ticket, badNonce, takeoverOf })
      : undefined;
    if (reply === undefined) return { kind: 'memory' };
    if (reply.kind === 'mine') {
      const { end, isLost } = authority.tickets.keep({ key: fence.key, ticket });
      return { kind: 'ticket', ticket, end, isLost };
    }
    if (reply.kind === 'value') {
      // Without the ledger nobody knows what was invalidated.
      if (!(await context.ledger.refresh())) return { kind: 'memory' };
      authority.gate.counters.reads++;
      const read = await reader.judge(authority.gate, fence, reply.entry, start);
      if (read.kind === 'hit') return { kind: 'hit', read };
      badNonce = read.badNonce;
      unusable++;
      continue;
    }
    if (standing?.ticket !== reply.ticket) standing = { ticket: reply.ticket, since: clock.now() };
    if (clock.now() >= giveUpAt) break;
    const overdue = clock.now() - standing.since >= options.leaseWait;
    if (overdue && takeoverOf !== reply.ticket) takeoverOf = reply.ticket;
    else {
      await authority.tickets.wait(reply.ticket, pause, lifecycle.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
  return { kind: 'none' };
}
