import type { StoreCall } from '../contracts/cache-store.ts';
import { StoreRefusedError } from '../errors.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { storedFor } from './entry-times.ts';
import type { GateWrite, StoreGate } from '../stores/store-gate.ts';

/** An entry on its way to the stores; without bytes it cannot be stored. */
export interface EntryWrite<V> {
  readonly key: string;
  readonly entry: LocalEntry<V>;
  readonly bytes: Uint8Array | undefined;
  /** Of who read or loaded it: outdated by the time it is sent, it is deleted instead. */
  readonly fence?: Fence;
}

/**
 * Writes entries to one store without a condition. What cannot be stored, or what the store refuses,
 * is deleted there, so that no older value stays; what may have been applied or not becomes a
 * pending delete.
 */
export function writeEntries<V>(
  context: CacheContext<V>,
  gate: StoreGate,
  writes: readonly EntryWrite<V>[],
): Promise<'applied' | 'queued'> {
  return gate.applyMany(
    'setMany',
    writes,
    ({ key }) => key,
    async (some, call) => {
      const refused = await store(context, gate, some, call);
      if (refused.length > 0) await gate.store.deleteMany(refused, call);
    },
  );
}

/** The keys that the store does not have now. */
async function store<V>(
  context: CacheContext<V>,
  gate: StoreGate,
  writes: readonly EntryWrite<V>[],
  call: StoreCall,
): Promise<readonly string[]> {
  const { clock, events, options } = context;
  const now = clock.now();
  const absent: string[] = [];
  const storable: GateWrite[] = [];
  for (const { key, entry, bytes, fence } of writes) {
    const ttl = storedFor(context, gate, entry, now);
    if (bytes === undefined || ttl < 1 || fence?.outdated === true) absent.push(key);
    else storable.push({ key, bytes, ttl, epoch: entry.epoch });
  }
  if (storable.length === 0) return absent;
  const results = await gate.write(storable, call);
  for (const [index, { key }] of storable.entries()) {
    const result = results[index];
    if (result === 'stored') continue;
    if (result !== 'refused') throw new Error('the outcome of the write is unknown');
    absent.push(key);
    events.emit('error', {
      cache: options.name,
      operation: 'setMany',
      store: gate.store.name,
      key,
      error: new StoreRefusedError(gate.store.name, key),
    });
  }
  return absent;
}
