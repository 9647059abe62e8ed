import { checkFunction, deadlineSignal } from '@perf/core';
import { nonceOf } from '../codec/envelope.ts';
import type { Fence } from '../invalidation/fences.ts';
import { checkKey } from '../keys/check-key.ts';
import { TICKET_TTL } from '../stores/ledger/ticket-desk.ts';
import type { Authority, CacheContext } from '../context/cache-context.ts';
import type { CacheWriter } from './cache-writer.ts';
import { newEntry, originNow } from '../entries/build-entry.ts';
import type { TicketedWrite } from '../contracts/store-fencing.ts';
import { encodeEntry } from '../entries/encode-entry.ts';
import { storedFor } from '../entries/entry-times.ts';
import { checkTerms, type WriteOptions } from '../entries/entry-terms.ts';
import type { LocalEntry } from '../local/local-entry.ts';

/** Writes to the source of truth; the promise resolves, with the value to be cached, once it is committed. */
export type SourceWrite<V> = (context: {
  readonly key: string;
  /** Aborts at the hard load timeout and when the cache closes. */
  readonly signal: AbortSignal;
}) => Promise<V>;

/**
 * Deletes the key everywhere, writes to the source, stores what was written. Nobody's older load can
 * be stored after it, and of two at once the loser deletes: the only write that is safe among several
 * writers. A crash at any step leaves no old value.
 */
export async function writeThrough<V>(
  context: CacheContext<V>,
  writer: CacheWriter<V>,
  key: string,
  write: SourceWrite<V>,
  options: WriteOptions,
): Promise<V> {
  checkKey(key);
  checkFunction('write', write);
  const terms = checkTerms('write', options, context.options.ttl);
  const { authority, clock, fences, ledger, lifecycle } = context;

  context.fence([key]);
  const fence = fences.begin(key, terms.tags);
  const ticket = await begin(context, key);
  // As of what was known long ago, the entry would be dead on arrival.
  if (authority !== undefined && clock.now() > ledger.liveUntil) await ledger.refresh();
  const origin = originNow(context);
  const deadline = deadlineSignal(
    clock,
    'writeThrough',
    context.options.hardTimeout,
    lifecycle.signal,
  );
  const kept =
    ticket === undefined || authority === undefined
      ? undefined
      : authority.tickets.keep({ key, ticket });
  try {
    // A commit must not be given up half-known: the write is waited for, however long it takes.
    const value = await write({ key, signal: deadline.signal });
    kept?.end();
    const entry = newEntry(context, value, terms, origin);
    const stored = value !== undefined && (await settle(context, fence, entry, ticket));
    if (!stored) await writer.delete([key]);
    return value;
  } catch (error) {
    await writer.delete([key]);
    throw error;
  } finally {
    kept?.end();
    deadline.release();
    fences.end(fence);
  }
}

/** Deletes the key in every store, and takes its ticket in the one that has them. */
async function begin<V>(context: CacheContext<V>, key: string): Promise<string | undefined> {
  const { authority, chain, gates } = context;
  const invalidation = { kind: 'keys', keys: [key] } as const;
  let held: string | undefined;
  await chain.run([key], () =>
    Promise.all(
      gates.map((gate) =>
        gate.apply('begin', invalidation, async (call) => {
          if (gate !== authority?.gate) {
            await gate.store.deleteMany([key], call);
            return;
          }
          const ticket = context.newTicket();
          await authority.fencing.begin(key, ticket, TICKET_TTL, call);
          held = ticket;
        }),
      ),
    ),
  );
  return held;
}

/** Stores the entry in every tier; false when another write came in between, or nothing is known. */
async function settle<V>(
  context: CacheContext<V>,
  fence: Fence,
  entry: LocalEntry<V>,
  ticket: string | undefined,
): Promise<boolean> {
  const { authority, chain, gates, local } = context;
  const { key } = fence;
  if (fence.outdated || (authority !== undefined && ticket === undefined)) return false;
  const bytes = await encodeEntry(context, key, entry);
  if (bytes === undefined && gates.length > 0) return false;
  entry.nonce = bytes === undefined ? '' : (nonceOf(bytes) ?? '');
  return chain.run([key], async () => {
    // A write that was called since has its turn before or after this one: it must not be undone.
    if (fence.outdated) return false;
    if (authority !== undefined && ticket !== undefined && bytes !== undefined) {
      const ttl = storedFor(context, authority.gate, entry, context.clock.now());
      if (!(await settleTicket(authority, { key, bytes, ttl: Math.max(1, ttl), ticket })))
        return false;
    }
    const others = gates.filter((gate) => gate !== authority?.gate);
    await Promise.all(
      others.map((gate) => context.writer.write(gate, { key, entry, bytes, fence })),
    );
    const latest = !fence.outdated;
    // What was read or loaded since the call may be from before the commit.
    context.fence([key]);
    if (latest) local.put(key, entry);
    await context.news.keys([key], 'applied');
    return true;
  });
}

async function settleTicket({ gate, fencing }: Authority, write: TicketedWrite): Promise<boolean> {
  try {
    const result = await gate.call('settle', (call) => fencing.settle(write, call));
    return result === 'stored';
  } catch {
    // Reported by the gate; the caller deletes what may have been stored.
    return false;
  }
}
