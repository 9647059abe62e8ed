import { nonceOf } from '../codec/envelope.ts';
import type { CacheStore } from '../contracts/cache-store.ts';
import { StoreRefusedError } from '../errors.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../context/cache-context.ts';
import { encodeEntry } from '../entries/encode-entry.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { storedFor } from '../entries/entry-times.ts';
import type { Lease } from './lease.ts';

/** Of no epoch: has to be proved against the store. */
const NO_EPOCH = -1;

/**
 * Stores what was loaded wherever the lease allows, and nowhere once the flight is outdated. Resolves to
 * whether it was stored; the entry is given its identity. Never rejects.
 */
export async function storeLoaded<V>(
  context: CacheContext<V>,
  fence: Fence,
  key: string,
  entry: LocalEntry<V>,
  lease: Lease<V>,
): Promise<boolean> {
  const { local, chain, gates, authority } = context;
  const current = (): boolean =>
    !fence.outdated &&
    !chain.busy(key) &&
    local.stateOf(key, entry, context.clock.now()) !== undefined;

  if (lease.kind === 'ticket') lease.end();
  const bytes =
    lease.kind === 'none' || !current() ? undefined : await encodeEntry(context, key, entry);
  if (bytes !== undefined) entry.nonce = nonceOf(bytes) ?? '';
  // Loaded without a ticket, it is served while the shared store is out of reach and not a moment longer.
  if (lease.kind === 'memory' && authority !== undefined) entry.epoch = NO_EPOCH;

  if (lease.kind === 'ticket') {
    const storable = bytes !== undefined && current() ? bytes : undefined;
    if (!(await fill(context, key, entry, storable, lease.ticket))) {
      return false;
    }
  }
  if (lease.kind === 'none' || !current()) return false;
  local.put(key, entry);
  if (bytes === undefined) return true;
  const others = lease.kind === 'ticket' ? gates.filter((gate) => gate !== authority?.gate) : gates;
  const storing = lease.kind === 'ticket' || authority === undefined ? others : [];
  if (storing.length === 0) return true;
  // In the line of the key's writes: one called from now on comes after it, in every store.
  await chain.run([key], async () => {
    if (fence.outdated) return;
    await Promise.all(
      storing.map((gate) => context.writer.write(gate, { key, entry, bytes, fence })),
    );
  });
  return true;
}

/**
 * Stores under the ticket, or gives it back when there is nothing to store. True when the ticket
 * stood, so that nothing has changed the key in the shared store since it was taken.
 */
async function fill<V>(
  context: CacheContext<V>,
  key: string,
  entry: LocalEntry<V>,
  bytes: Uint8Array | undefined,
  ticket: string,
): Promise<boolean> {
  const { authority, clock, events, options } = context;
  if (authority === undefined) return false;
  const { gate, tickets } = authority;
  const ttl = storedFor(context, gate, entry, clock.now());
  const storable = bytes !== undefined && ttl >= 1;
  if (storable && fits(gate.store, key, bytes)) {
    const result = await tickets.fill({ key, bytes, ttl, ticket });
    // Unknown, it may have been stored or not: a ticketed fill is harmless when late.
    if (result !== 'refused') return result === 'stored';
  }
  // Refused for want of room, the ticket still stands: memory may keep what nobody displaced.
  const stood = (await tickets.release({ key, ticket })) ?? false;
  if (stood && storable) {
    const store = gate.store.name;
    const error = new StoreRefusedError(store, key);
    events.emit('error', { cache: options.name, operation: 'fillMany', store, key, error });
  }
  return stood;
}

/** Whether the store would take it; a ticket is not risked for what is too large. */
function fits({ capabilities }: CacheStore, key: string, bytes: Uint8Array): boolean {
  const { maxKeyBytes = Infinity, maxValueBytes = Infinity } = capabilities;
  return bytes.length <= maxValueBytes && Buffer.byteLength(key) <= maxKeyBytes;
}
