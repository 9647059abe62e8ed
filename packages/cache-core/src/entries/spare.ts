import type { CacheContext } from '../context/cache-context.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { EntryState } from '../local/local-tier.ts';
import type { LocalEntry } from '../local/local-entry.ts';

/** An entry that is at hand while its key is loaded anew. */
export interface Spare<V> {
  readonly entry: LocalEntry<V>;
  readonly tier: string;
}

/** The one that was fresh longer. */
export function newerSpare<V>(
  one: Spare<V> | undefined,
  other: Spare<V> | undefined,
): Spare<V> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.entry.freshUntil > one.entry.freshUntil ? other : one;
}

/**
 * How the spare may be served in place of a load that fails or takes long: it was good when the load
 * began, and may have been invalidated since.
 */
export async function stateOfSpare<V>(
  { clock, ledger, local }: CacheContext<V>,
  fence: Fence,
  { entry }: Spare<V>,
): Promise<EntryState | undefined> {
  const known = clock.now() <= ledger.liveUntil || (await ledger.refresh());
  if (fence.outdated) return undefined;
  const found = local.inspect(fence.key, entry, !known);
  return typeof found === 'object' ? found.state : undefined;
}
