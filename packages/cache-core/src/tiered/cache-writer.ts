import { ConfigError } from '@perf/core';
import { nonceOf } from '../codec/envelope.ts';
import { checkKey } from '../keys/check-key.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { EntryWrite } from '../context/store-writer.ts';
import { newEntry, originNow } from '../entries/build-entry.ts';
import { encodeEntry } from '../entries/encode-entry.ts';
import { checkTerms, type WriteOptions } from '../entries/entry-terms.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { nothingDone, type Outcome } from './results.ts';

const EVERYTHING = [{ kind: 'all', name: '' }] as const;

/**
 * Changes keys in every tier. Each write fences its keys twice: when it is called, so that nothing
 * read before is stored after it, and when the stores have answered, for what was read in between.
 */
export class CacheWriter<V> {
  readonly #context: CacheContext<V>;

  constructor(context: CacheContext<V>) {
    this.#context = context;
  }

  async set(values: readonly (readonly [string, V])[], options: WriteOptions): Promise<Outcome> {
    const { chain, counters, fence, fences, gates, ledger, local } = this.#context;
    if (values.length === 0) return nothingDone(this.#context.news.none);
    const entries = this.#entriesOf(values, options);
    const keys = entries.map(([key]) => key);
    counters.sets += entries.length;
    fence(keys);
    for (const [key, entry] of entries) local.put(key, entry);
    const called = ledger.invalidations;
    const outcome = await chain.run(keys, async () => {
      await this.#catchUp(entries, called);
      const writes = await Promise.all(entries.map(([key, entry]) => this.#encode(key, entry)));
      const stored = await Promise.all(
        gates.map((gate) => this.#context.writer.write(gate, writes)),
      );
      // While the keys still count as being written. Memory keeps what was set, unless a later write or
      // another instance's has replaced it.
      for (const key of keys) fences.outdate(key);
      return this.#told(stored, keys);
    });
    return outcome;
  }

  async delete(keys: readonly string[]): Promise<Outcome> {
    const { chain, counters, fence, gates } = this.#context;
    if (keys.length === 0) return nothingDone(this.#context.news.none);
    counters.deletes += keys.length;
    fence(keys);
    const outcome = await chain.run(keys, async () => {
      const deleted = await Promise.all(gates.map((gate) => gate.delete(keys)));
      // While the keys still count as being written: no read may slip in between.
      fence(keys);
      return this.#told(deleted, keys);
    });
    this.#announce('key', keys.length);
    return outcome;
  }

  async clear(): Promise<Outcome> {
    const { chain, fences, gates, ledger, local, authority, news } = this.#context;
    const fenceAll = (): void => {
      local.clear();
      fences.outdateWhere(() => true);
    };
    fenceAll();
    const outcome = await chain.runAlone(async () => {
      // The ledger first: once the number is out, nothing older counts, wherever it is still stored.
      const bumped = authority === undefined ? 'applied' : await ledger.invalidate(EVERYTHING);
      const cleared = await Promise.all(gates.map((gate) => gate.clear()));
      fenceAll();
      const stores = [bumped, ...cleared].includes('queued') ? 'queued' : 'applied';
      return { local: true, stores, bus: await news.members(EVERYTHING, bumped) } as const;
    });
    this.#announce('all', 1);
    return outcome;
  }

  #entriesOf(
    values: readonly (readonly [string, V])[],
    options: WriteOptions,
  ): (readonly [string, LocalEntry<V>])[] {
    const terms = checkTerms('write', options, this.#context.options.ttl);
    const origin = originNow(this.#context);
    return values.map(([key, value]) => {
      checkKey(key);
      // It could not be told from a miss.
      if (value === undefined) {
        throw new ConfigError('value', value, 'anything but undefined; delete the key instead');
      }
      return [key, newEntry(this.#context, value, terms, origin)] as const;
    });
  }

  /**
   * Stamps the entries with what the ledger says now where too little was known at the call: as of
   * long ago, they would be dead on arrival. Not after an invalidation by this process, which may be
   * meant for them.
   */
  async #catchUp(
    entries: readonly (readonly [string, LocalEntry<V>])[],
    called: number,
  ): Promise<void> {
    const { authority, clock, ledger } = this.#context;
    if (authority === undefined || clock.now() <= ledger.liveUntil) return;
    if (!(await ledger.refresh()) || ledger.invalidations !== called) return;
    for (const [, entry] of entries) {
      entry.ledgerId = ledger.replica.id;
      entry.asOf = ledger.replica.reached;
    }
  }

  async #encode(key: string, entry: LocalEntry<V>): Promise<EntryWrite<V>> {
    const bytes = await encodeEntry(this.#context, key, entry);
    if (bytes !== undefined) entry.nonce = nonceOf(bytes) ?? '';
    return { key, entry, bytes };
  }

  /** What became of a write in every store; tells other instances where no store has done so. */
  async #told(
    results: readonly ('applied' | 'queued')[],
    keys: readonly string[],
  ): Promise<Outcome> {
    const { authority, gates, news } = this.#context;
    const stores = results.includes('queued') ? 'queued' : 'applied';
    const shared = authority === undefined ? stores : results[gates.indexOf(authority.gate)];
    return { local: true, stores, bus: await news.keys(keys, shared ?? stores) };
  }

  #announce(kind: 'key' | 'all', count: number): void {
    this.#context.events.emit('invalidate', { cache: this.#context.options.name, kind, count });
  }
}
