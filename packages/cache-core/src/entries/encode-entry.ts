import { SerializationError } from '../errors.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';

/** The bytes for the stores; `undefined`, with an error event, when there are none to be had. */
export async function encodeEntry<V>(
  context: CacheContext<V>,
  key: string,
  entry: LocalEntry<V>,
): Promise<Uint8Array | undefined> {
  const { codec, gates, events, options, clock } = context;
  if (gates.length === 0) return undefined;
  const now = clock.now();
  // Never before it was made, though the wall clock may have been set back.
  const epoch = Math.max(clock.epoch(), entry.storedAt);
  try {
    return await codec.encode(key, entry.value, {
      created: entry.storedAt,
      freshUntil: epoch + (entry.freshUntil - now),
      staleUntil: epoch + (entry.staleUntil - now),
      ledgerId: entry.ledgerId,
      asOf: entry.asOf,
      tags: entry.tags,
      negative: entry.negative,
    });
  } catch (cause) {
    const error =
      cause instanceof SerializationError
        ? cause
        : new SerializationError(key, 'the value cannot be encoded', { cause });
    events.emit('error', { cache: options.name, operation: 'encode', key, error });
    return undefined;
  }
}
