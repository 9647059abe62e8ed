import type { MissReason } from '../errors.ts';
import { checkKey, checkKeys } from '../keys/check-key.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { LocalHit } from '../local/local-tier.ts';
import type { Spare } from '../entries/spare.ts';
import type { ReadOutcome, StoreReader } from '../entries/store-reader.ts';
import { ReadBatcher } from '../stores/batching/read-batcher.ts';

/** How many keys are judged at a time. */
const KEYS_PER_READ = 500;

/** A usable entry with the tier that had it, or why there is none. */
export type Found<V> =
  | {
      readonly state: 'hit' | 'stale';
      readonly entry: LocalEntry<V>;
      readonly tier: string;
    }
  | {
      readonly state: 'miss';
      readonly reason: MissReason;
      readonly read: ReadOutcome<V> | undefined;
      /** What memory keeps for when the load fails. */
      readonly spare: Spare<V> | undefined;
    };

/** Looks keys up in memory, then in the stores. */
export class CacheReader<V> {
  readonly #context: CacheContext<V>;
  readonly #stores: StoreReader<V>;
  readonly #batcher: ReadBatcher<ReadOutcome<V>>;

  constructor(context: CacheContext<V>, stores: StoreReader<V>) {
    this.#context = context;
    this.#stores = stores;
    this.#batcher = new ReadBatcher(
      (keys) => this.#fromStores(keys),
      KEYS_PER_READ,
      (outcome, others) => stores.countShared(outcome, others),
    );
  }

  /** What memory may serve, or keeps as a spare, after asking the ledger where that decides. */
  async local(key: string): Promise<LocalHit<V> | undefined> {
    const { local, ledger } = this.#context;
    const first = local.lookup(key);
    if (first !== 'unproved') return first;
    // A store has to prove it: it is asked at once, with the ledger beside it.
    if (!local.isProvable(key)) return undefined;
    const known = await ledger.refresh();
    const second = local.lookup(key, !known);
    return second === 'unproved' ? undefined : second;
  }

  /** @throws InvalidKeyError at once */
  find(key: string): Promise<Found<V>> {
    return this.findAs(key, (found) => found);
  }

  /** As {@link find}, resolving to what `map` makes of it: one promise for a caller, whatever it wants. */
  findAs<T>(key: string, map: (found: Found<V>) => T): Promise<T> {
    checkKey(key);
    const held = this.#context.local.lookup(key);
    return held === 'unproved'
      ? this.local(key).then((proved) => this.#findBehind(key, proved, map))
      : this.#findBehind(key, held, map);
  }

  /** Same order and length as `keys`. One read per tier for all of them. */
  async findMany(keys: readonly string[]): Promise<readonly Found<V>[]> {
    checkKeys(keys);
    const held = await Promise.all(keys.map((key) => this.local(key)));
    const missing = [...new Set(keys.filter((_, index) => !isServable(held[index])))];
    const outcomes = missing.length === 0 ? [] : await this.#fromStores(missing);
    const byKey = new Map(missing.map((key, index) => [key, outcomes[index]]));
    return keys.map((key, index): Found<V> => {
      const own = held[index];
      if (isServable(own)) return { ...own, tier: 'memory' };
      return toFound(byKey.get(key) as ReadOutcome<V>, own?.entry);
    });
  }

  /** @param held what memory has */
  #findBehind<T>(
    key: string,
    held: LocalHit<V> | undefined,
    map: (found: Found<V>) => T,
  ): Promise<T> {
    if (isServable(held)) return Promise.resolve(map({ ...held, tier: 'memory' }));
    return this.#batcher.get(key, (outcome) => map(toFound(outcome, held?.entry)));
  }

  /** @param keys none of them twice */
  async #fromStores(keys: readonly string[]): Promise<readonly ReadOutcome<V>[]> {
    const { fences } = this.#context;
    const held = keys.map((key) => fences.begin(key));
    try {
      return await this.#stores.readMany(held, this.#stores.start());
    } finally {
      for (const fence of held) fences.end(fence);
    }
  }
}

function isServable<V>(
  held: LocalHit<V> | undefined,
): held is LocalHit<V> & { readonly state: 'hit' | 'stale' } {
  return held !== undefined && held.state !== 'spare';
}

/** @param kept what memory keeps as a spare */
function toFound<V>(read: ReadOutcome<V>, kept: LocalEntry<V> | undefined): Found<V> {
  if (read.kind === 'hit') return { state: read.state, entry: read.entry, tier: read.tier };
  const spare = kept === undefined ? undefined : { entry: kept, tier: 'memory' };
  const reason = read.reason === 'absent' && kept !== undefined ? 'expired' : read.reason;
  return { state: 'miss', reason, read, spare };
}
