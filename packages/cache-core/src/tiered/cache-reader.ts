import type { MissReason } from '../errors.ts';
import { checkKeys } from '../keys/check-key.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { LocalHit } from '../local/local-tier.ts';
import type { ReadOutcome, StoreReader } from '../entries/store-reader.ts';

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
    };

/** Looks keys up in memory, then in the stores. */
export class CacheReader<V> {
  readonly #context: CacheContext<V>;
  readonly #stores: StoreReader<V>;

  constructor(context: CacheContext<V>, stores: StoreReader<V>) {
    this.#context = context;
    this.#stores = stores;
  }

  /** What memory may serve, after asking the ledger where that decides. */
  async local(key: string): Promise<LocalHit<V> | undefined> {
    const { local, ledger } = this.#context;
    const first = local.lookup(key);
    if (first !== 'unproved') return first;
    const known = await ledger.refresh();
    const second = local.lookup(key, !known);
    return second === 'unproved' ? undefined : second;
  }

  async find(key: string): Promise<Found<V>> {
    const [found] = await this.findMany([key]);
    return found as Found<V>;
  }

  /** Same order and length as `keys`. One read per tier for all of them. */
  async findMany(keys: readonly string[]): Promise<readonly Found<V>[]> {
    checkKeys(keys);
    const found: (Found<V> | undefined)[] = await Promise.all(
      keys.map(async (key) => {
        const held = await this.local(key);
        return held === undefined ? undefined : { ...held, tier: 'memory' };
      }),
    );
    const missing = keys.filter((_, index) => found[index] === undefined);
    if (missing.length > 0) {
      const outcomes = await this.#fromStores(missing);
      for (const [index, key] of keys.entries()) found[index] ??= outcomes.get(key);
    }
    return found as readonly Found<V>[];
  }

  async #fromStores(keys: readonly string[]): Promise<ReadonlyMap<string, Found<V>>> {
    const { fences } = this.#context;
    const held = [...new Set(keys)].map((key) => fences.begin(key));
    try {
      const outcomes = await this.#stores.readMany(held, this.#stores.start());
      return new Map(
        held.map(({ key }, index) => [key, toFound(outcomes[index] as ReadOutcome<V>)]),
      );
    } finally {
      for (const fence of held) fences.end(fence);
    }
  }
}

function toFound<V>(read: ReadOutcome<V>): Found<V> {
  return read.kind === 'hit'
    ? { state: read.state, entry: read.entry, tier: read.tier }
    : { state: 'miss', reason: read.reason, read };
}
