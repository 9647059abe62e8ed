import type { StoredEntry } from '../contracts/cache-store.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { EntryState } from '../local/local-tier.ts';
import { entryFromStore } from '../entries/build-entry.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** What one tier has for a key. */
export interface TierExplanation {
  readonly tier: string;
  readonly present: boolean;
  /** Milliseconds since it was stored. */
  readonly age?: number;
  /** Milliseconds until it stops being fresh; negative when that is past. */
  readonly fresh?: number;
  readonly tags?: readonly string[];
  /** Whether a read would be served from here now. */
  readonly usable: boolean;
  /** Why it would not be, or is served stale. */
  readonly reason?: string;
}

/** Why a key is, or is not, served. */
export interface Explanation {
  readonly key: string;
  readonly loading: boolean;
  /** Whether a write of the key by this instance is under way. */
  readonly writing: boolean;
  readonly tiers: readonly TierExplanation[];
}

/** Looks at every tier without changing anything. */
export async function explain<V>(
  context: CacheContext<V>,
  key: string,
  loading: boolean,
): Promise<Explanation> {
  const { gates, chain, ledger } = context;
  const [known, ...stores] = await Promise.all([
    ledger.refresh(),
    ...gates.map((gate) => explainStore(context, gate, key)),
  ]);
  const judged = known
    ? stores
    : stores.map((tier) =>
        tier.usable ? { ...tier, usable: false, reason: 'the ledger is out of reach' } : tier,
      );
  return {
    key,
    loading,
    writing: chain.busy(key),
    tiers: [explainMemory(context, key), ...judged],
  };
}

function explainMemory<V>({ local, clock, ledger }: CacheContext<V>, key: string): TierExplanation {
  const entry = local.peek(key);
  if (entry === undefined) return { tier: 'memory', present: false, usable: false };
  const now = clock.now();
  const found = local.inspect(key, entry, ledger.isolated);
  return {
    tier: 'memory',
    present: true,
    age: clock.epoch() - entry.storedAt,
    fresh: entry.freshUntil - now,
    tags: entry.tags,
    ...(found === 'dead'
      ? { usable: false, reason: now >= entry.staleUntil ? 'expired' : 'invalidated' }
      : found === 'unproved' || found === undefined
        ? { usable: false, reason: 'not proved against the store since the last contact' }
        : usability(found.state)),
  };
}

async function explainStore<V>(
  context: CacheContext<V>,
  gate: StoreGate,
  key: string,
): Promise<TierExplanation> {
  const { codec, local, clock } = context;
  const absent = { tier: gate.store.name, present: false, usable: false };
  if (!gate.available) return { ...absent, reason: 'the store does not answer' };
  if (gate.pending.blocks(key)) return { ...absent, reason: 'an invalidation is pending' };
  let stored: StoredEntry | undefined;
  try {
    // Not counted as a lookup, and no occasion to replay.
    [stored] = await gate.call('getMany', (call) => gate.read([key], call));
  } catch {
    return { ...absent, reason: 'the store does not answer' };
  }
  if (stored === undefined) return absent;
  const opened = codec.open(key, stored.bytes);
  const present = { tier: gate.store.name, present: true };
  if ('fault' in opened) return { ...present, usable: false, reason: `damaged (${opened.fault})` };
  const { meta } = opened;
  const epoch = clock.epoch();
  const now = clock.now();
  const start = { epoch: context.ledger.epoch, time: now };
  const state = local.stateOf(key, entryFromStore(context, meta, stored, start), now);
  return {
    ...present,
    age: epoch - meta.created,
    fresh: meta.freshUntil - epoch,
    tags: meta.tags,
    ...(state === undefined
      ? { usable: false, reason: 'expired or invalidated' }
      : usability(state)),
  };
}

function usability(state: EntryState): Pick<TierExplanation, 'usable' | 'reason'> {
  if (state === 'hit') return { usable: true };
  if (state === 'stale') return { usable: true, reason: 'stale' };
  return { usable: false, reason: 'expired; kept for when its load fails' };
}
