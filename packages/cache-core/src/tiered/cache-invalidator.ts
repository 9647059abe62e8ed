import type { LedgerMember } from '../contracts/store-fencing.ts';
import { StoreUnavailableError } from '../errors.ts';
import { compilePattern } from '../invalidation/pattern.ts';
import { checkTags } from '../keys/check-tag.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { CacheWriter } from './cache-writer.ts';
import { nothingDone, type Outcome } from './results.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** How many keys one page of deletions has at most. */
const KEYS_PER_DELETE = 500;
const EVERYTHING: readonly LedgerMember[] = [{ kind: 'all', name: '' }];

/** How a walk over a store's keys ended. */
interface Scan {
  readonly stores: 'applied' | 'queued';
  /** Set where everything was invalidated instead: whether the ledger, or the store without one, has that. */
  readonly everything?: 'applied' | 'queued';
}

/** Invalidates by tag, pattern and predicate. */
export class CacheInvalidator<V> {
  readonly #context: CacheContext<V>;
  readonly #writer: CacheWriter<V>;

  constructor(context: CacheContext<V>, writer: CacheWriter<V>) {
    this.#context = context;
    this.#writer = writer;
  }

  async tags(tags: readonly string[], keepStale: boolean): Promise<Outcome> {
    const { ledger, fences, authority } = this.#context;
    const names = checkTags(tags, Infinity);
    if (names.length === 0) return nothingDone(this.#context.news.none);
    const kind = keepStale ? 'soft' : 'tag';
    const members = names.map((name): LedgerMember => ({ kind, name }));
    const concerned = (entryTags: readonly string[]): boolean =>
      entryTags.some((tag) => names.includes(tag));
    if (!keepStale) fences.outdateWhere((fence) => concerned(fence.tags));
    const bumped = await ledger.invalidate(members);
    this.#announce('tag', names.length);
    if (authority !== undefined) return this.#outcome(bumped, members);
    // Memory goes by the process's own ledger; stores without one must not bring it back, nor take what
    // is softly invalidated for fresh, after a restart.
    const purged = await this.#purgeStores('', members, async (gate, keys) =>
      this.#taggedAmong(gate, keys, concerned),
    );
    // Once more for what was read meanwhile: the numbers of an earlier process may be higher.
    await ledger.invalidate(members);
    return this.#outcome(purged, members);
  }

  async pattern(source: string): Promise<Outcome> {
    const { ledger, fences, local, authority } = this.#context;
    const pattern = compilePattern(source);
    const fenceMatching = (): void => {
      fences.outdateWhere(({ key }) => pattern.matches(key));
      if (authority !== undefined) return;
      for (const key of local.keys()) if (pattern.matches(key)) local.drop(key);
    };
    fenceMatching();
    const members = [{ kind: 'pattern', name: source }] as const;
    const stores =
      authority === undefined
        ? await this.#purgeStores(pattern.prefix, members, (_, keys) =>
            Promise.resolve(keys.filter((key) => pattern.matches(key))),
          )
        : await ledger.invalidate(members);
    fenceMatching();
    this.#announce('pattern', 1);
    return this.#outcome(stores, members);
  }

  async where(predicate: (key: string) => boolean): Promise<Outcome> {
    const { authority, chain, fences, local, gates, news } = this.#context;
    const seen = [...new Set([...local.keys(), ...fences.keys()])].filter((key) => predicate(key));
    let outcome = nothingDone(news.none);
    const deletePage = async (keys: readonly string[]): Promise<void> => {
      for (let from = 0; from < keys.length; from += KEYS_PER_DELETE) {
        const page = await this.#writer.delete(keys.slice(from, from + KEYS_PER_DELETE));
        outcome = worseOf(outcome, page);
      }
    };
    await deletePage(seen);
    // A scan does not find what is only on its way to the store.
    await chain.settled();
    for (const gate of gates) {
      const { stores, everything } = await this.#scan(gate, '', (keys) =>
        deletePage(keys.filter((key) => predicate(key))),
      );
      // What is private to this host in front of the shared store is of no concern to others.
      const concernsOthers = authority === undefined || gate === authority.gate;
      const bus =
        everything !== undefined && concernsOthers
          ? await news.members(EVERYTHING, everything)
          : news.none;
      outcome = worseOf(outcome, { local: true, stores, bus });
    }
    return outcome;
  }

  /**
   * Deletes what the members concern from stores that know no ledger. Until that is done such entries
   * are misses; everything else goes on.
   */
  async #purgeStores(
    prefix: string,
    members: readonly LedgerMember[],
    select: (gate: StoreGate, keys: readonly string[]) => Promise<readonly string[]>,
  ): Promise<'applied' | 'queued'> {
    const { gates, chain, ledger } = this.#context;
    const release = ledger.replica.mark(members);
    let stores: Outcome['stores'] = 'applied';
    const purge = async (gate: StoreGate, keys: readonly string[]): Promise<void> => {
      const doomed = await select(gate, keys);
      if (doomed.length === 0) return;
      const deleted = await chain.run(doomed, () => gate.delete(doomed));
      if (deleted === 'queued') stores = 'queued';
    };
    try {
      // A scan does not find what is only on its way to the store.
      await chain.settled();
      const walks = await Promise.all(
        gates.map((gate) => this.#scan(gate, prefix, (keys) => purge(gate, keys))),
      );
      return walks.some((walk) => walk.stores === 'queued') ? 'queued' : stores;
    } finally {
      release();
    }
  }

  /** Walks a store's keys; where that is impossible or fails, the store is cleared instead. */
  async #scan(
    gate: StoreGate,
    prefix: string,
    visit: (keys: readonly string[]) => Promise<void>,
  ): Promise<Scan> {
    const { store } = gate;
    const keysOf = store.keys?.bind(store);
    if (keysOf !== undefined && gate.available) {
      try {
        await gate.walk((call) => keysOf(prefix, call), visit);
        return { stores: 'applied' };
      } catch (error) {
        // Reported by the gate; what the caller's predicate throws is the caller's.
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    }
    // Others have to hear of it as well: a cleared store tells them nothing.
    const { authority, chain, ledger } = this.#context;
    const bumped =
      gate === authority?.gate ? await ledger.invalidate(EVERYTHING) : ('applied' as const);
    const cleared = await chain.runAlone(() => gate.clear());
    const stores = bumped === 'queued' ? bumped : cleared;
    return { stores, everything: gate === authority?.gate ? bumped : cleared };
  }

  async #taggedAmong(
    gate: StoreGate,
    keys: readonly string[],
    concerned: (tags: readonly string[]) => boolean,
  ): Promise<readonly string[]> {
    // Not by way of reads, to which trouble is absence: what was not looked at is not clean.
    const found = await gate.callAll('getMany', keys, (some, call) => gate.read(some, call));
    return keys.filter((key, index) => {
      const stored = found[index];
      if (stored === undefined) return false;
      const opened = this.#context.codec.open(key, stored.bytes);
      return 'fault' in opened || concerned(opened.meta.tags);
    });
  }

  async #outcome(stores: 'applied' | 'queued', members: readonly LedgerMember[]): Promise<Outcome> {
    return { local: true, stores, bus: await this.#context.news.members(members, stores) };
  }

  #announce(kind: 'tag' | 'pattern', count: number): void {
    this.#context.events.emit('invalidate', { cache: this.#context.options.name, kind, count });
  }
}

/** One outcome for two writes. */
function worseOf(one: Outcome, other: Outcome): Outcome {
  const stores = one.stores === 'queued' ? one.stores : other.stores;
  return { local: true, stores, bus: one.bus === 'queued' ? one.bus : other.bus };
}
