import { SerializationError } from '../errors.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';

/**
 * The bytes for the stores; `undefined`, with an error event, when there are none to be had. A promise only
 * where they are compressed.
 */
export function encodeEntry<V>(
  context: CacheContext<V>,
  key: string,
  entry: LocalEntry<V>,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const { codec, gates, clock } = context;
  if (gates.length === 0) return undefined;
  const now = clock.now();
  // Never before it was made, though the wall clock may have been set back.
  const epoch = Math.max(clock.epoch(), entry.storedAt);
  try {
    const bytes = codec.encode(key, entry.value, {
      created: entry.storedAt,
      freshUntil: epoch + (entry.freshUntil - now),
      staleUntil: epoch + (entry.staleUntil - now),
      ledgerId: entry.ledgerId,
      asOf: entry.asOf,
      tags: entry.tags,
      negative: entry.negative,
    });
    return bytes instanceof Promise
      ? bytes.catch((cause: unknown) => report(context, key, cause))
      : bytes;
  } catch (cause) {
    return report(context, key, cause);
  }
}

function report<V>({ events, options }: CacheContext<V>, key: string, cause: unknown): undefined {
  const error =
    cause instanceof SerializationError
      ? cause
      : new SerializationError(key, 'the value cannot be encoded', { cause });
  events.emit('error', { cache: options.name, operation: 'encode', key, error });
}
