import { sleep } from '@perf/core';
import type { TicketReply } from '../contracts/store-fencing.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { Authority, CacheContext } from '../tiered/cache-context.ts';
import type { ReadOutcome, StoreReader } from '../tiered/store-reader.ts';

/** Milliseconds that a ticket stands unless it is renewed. */
export const TICKET_TTL = 10_000;
/** Pauses between two looks at a ticket that somebody else holds, in milliseconds. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;
/** How often an entry that appears instead of a ticket may turn out to be unusable. */
const ROUNDS = 3;

/** The right to store what is loaded. */
export type Lease<V> =
  /** A ticket in the shared store, renewed until it is ended. */
  | { readonly kind: 'ticket'; readonly ticket: string; readonly end: () => void }
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
    const reply = await requestTicket(authority, fence.key, {
      ticket,
      ttl: TICKET_TTL,
      badNonce,
      takeoverOf,
    });
    if (reply === undefined) return { kind: 'memory' };
    if (reply.kind === 'mine')
      return { kind: 'ticket', ticket, end: renew(context, authority, fence.key, ticket) };
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
      await sleep(clock, pause, lifecycle.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
  return { kind: 'none' };
}

/** The answer, or `undefined` when the store is out of reach or must not be asked for this key. */
async function requestTicket(
  { gate, fencing }: Authority,
  key: string,
  request: Parameters<Authority['fencing']['ticket']>[1],
): Promise<TicketReply | undefined> {
  if (!gate.available || gate.pending.blocks(key)) return undefined;
  try {
    return await gate.call('ticket', (call) => fencing.ticket(key, request, call));
  } catch {
    // Reported by the gate.
    return undefined;
  }
}

/** Extends the ticket every third of its life until the returned function is called or the cache closes. */
export function renew<V>(
  { clock, lifecycle }: CacheContext<V>,
  { gate, fencing }: Authority,
  key: string,
  ticket: string,
): () => void {
  let timer = clock.setTimer(extend, TICKET_TTL / 3);
  let ended = false;
  function extend(): void {
    gate
      .call('renew', (call) => fencing.renew(key, ticket, TICKET_TTL, call))
      .then(
        (stands) => {
          if (stands && !ended) timer = clock.setTimer(extend, TICKET_TTL / 3);
        },
        // Reported by the gate; a ticket that lapses only costs the fill.
        () => {
          if (!ended) timer = clock.setTimer(extend, TICKET_TTL / 3);
        },
      );
  }
  function end(): void {
    ended = true;
    timer.cancel();
    lifecycle.signal.removeEventListener('abort', end);
  }
  lifecycle.signal.addEventListener('abort', end, { once: true });
  return end;
}
