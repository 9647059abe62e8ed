import type { StoredEntry } from '../contracts/cache-store.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
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
  /** Milliseconds until it is no longer kept for failing loads, or served stale. */
  readonly kept?: number;
  /** Set for a negative result. */
  readonly negative?: true;
  /** Milliseconds until a hit begins an early refresh, in this process; not positive when the next one does. */
  readonly earlyRefresh?: number;
  /** Milliseconds until a read has the stores keep it for longer (`slidingTtl`); not positive when the next one does. */
  readonly touch?: number;
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
  /** Loading it failed: no other load is begun for `for` more milliseconds where there is a stale value. */
  readonly held?: { readonly for: number; readonly error: unknown };
  readonly tiers: readonly TierExplanation[];
}

/** Looks at every tier without changing anything. */
export async function explain<V>(
  context: CacheContext<V>,
  key: string,
  loading: boolean,
): Promise<Explanation> {
  const { gates, chain, clock, holdDowns, ledger } = context;
  const held = holdDowns.of(key);
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
    ...(held && { held: { for: held.until - clock.now(), error: held.error } }),
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
    ...timesOf(entry, now),
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
  const entry = entryFromStore(context, meta, stored, start);
  const state = local.stateOf(key, entry, now);
  const { fresh, kept, negative } = timesOf(entry, now);
  return {
    ...present,
    age: epoch - meta.created,
    fresh,
    kept,
    ...(negative && { negative }),
    tags: meta.tags,
    ...(state === undefined
      ? { usable: false, reason: 'expired or invalidated' }
      : usability(state)),
  };
}

function timesOf(
  { freshUntil, staleUntil, refreshAt, touchAt, negative }: Omit<LocalEntry<unknown>, 'value'>,
  now: number,
): Pick<TierExplanation, 'negative' | 'earlyRefresh' | 'touch'> & { fresh: number; kept: number } {
  return {
    fresh: freshUntil - now,
    kept: staleUntil - now,
    ...(negative ? { negative } : {}),
    ...(refreshAt === Infinity ? {} : { earlyRefresh: refreshAt - now }),
    ...(touchAt === Infinity ? {} : { touch: touchAt - now }),
  };
}

function usability(state: EntryState): Pick<TierExplanation, 'usable' | 'reason'> {
  if (state === 'hit') return { usable: true };
  if (state === 'stale') return { usable: true, reason: 'stale' };
  return { usable: false, reason: 'expired; kept for when its load fails' };
}
