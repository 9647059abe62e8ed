import { nonceOf } from '../codec/envelope.ts';
import type { WriteResult } from '../contracts/cache-store.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../tiered/cache-context.ts';
import { encodeEntry } from '../tiered/encode-entry.ts';
import type { LocalEntry } from '../tiered/local-entry.ts';
import { writeEntries } from '../tiered/write-entries.ts';
import type { Lease } from './lease.ts';

/**
 * Stores what was loaded wherever the lease allows, and nowhere once the flight is outdated. Returns
 * the entry as it was stored. Never rejects.
 */
export async function storeLoaded<V>(
  context: CacheContext<V>,
  fence: Fence,
  key: string,
  entry: LocalEntry<V>,
  lease: Lease<V>,
): Promise<LocalEntry<V>> {
  const { local, chain, gates, authority } = context;
  const current = (): boolean =>
    !fence.outdated &&
    !chain.busy(key) &&
    local.stateOf(key, entry, context.clock.now()) !== undefined;

  if (lease.kind === 'ticket') lease.end();
  const bytes =
    lease.kind === 'none' || !current() ? undefined : await encodeEntry(context, key, entry);
  const kept = bytes === undefined ? entry : { ...entry, nonce: nonceOf(bytes) ?? '' };

  if (lease.kind === 'ticket') {
    const storable = bytes !== undefined && current() ? bytes : undefined;
    if (!(await fill(context, key, kept, storable, lease.ticket))) return kept;
  }
  if (lease.kind === 'none' || !current()) return kept;
  local.put(key, kept);
  if (bytes === undefined) return kept;
  const others = lease.kind === 'ticket' ? gates.filter((gate) => gate !== authority?.gate) : gates;
  const storing = lease.kind === 'ticket' || authority === undefined ? others : [];
  await Promise.all(
    storing.map((gate) => writeEntries(context, gate, [{ key, entry: kept, bytes }])),
  );
  return kept;
}

/**
 * Stores under the ticket, or gives it back when there is nothing to store. True when the ticket
 * stood, so that nothing has changed the key in the shared store since it was taken.
 */
async function fill<V>(
  { authority, clock }: CacheContext<V>,
  key: string,
  entry: LocalEntry<V>,
  bytes: Uint8Array | undefined,
  ticket: string,
): Promise<boolean> {
  if (authority === undefined) return false;
  const { gate, fencing } = authority;
  const ttl = Math.ceil(entry.staleUntil - clock.now());
  try {
    let result: WriteResult = 'refused';
    if (bytes !== undefined && ttl >= 1) {
      gate.counters.writes++;
      result = await gate.call('fill', (call) => fencing.fill({ key, bytes, ttl }, ticket, call));
    }
    if (result !== 'refused') return result === 'stored';
    // Refused for want of room, the ticket still stands: memory may keep what nobody displaced.
    return await gate.call('release', (call) => fencing.release(key, ticket, call));
  } catch {
    // Reported by the gate. It may have been stored or not: a ticketed fill is harmless when late.
    return false;
  }
}
