import { ConfigError } from '@perf/core';
import { nonceOf } from '../codec/envelope.ts';
import { checkKey } from '../keys/check-key.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { EntryWrite } from '../context/store-writer.ts';
import { newEntry, originNow, type Origin } from '../entries/build-entry.ts';
import { encodeEntry } from '../entries/encode-entry.ts';
import { checkTerms, type EntryTerms, type WriteOptions } from '../entries/entry-terms.ts';
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

  /** @throws at once what is wrong with the input */
  set(key: string, value: V, options: WriteOptions): Promise<Outcome> {
    const { chain, clock, counters, fence, ledger, local } = this.#context;
    const terms = checkTerms('write', options, this.#context.options.ttl);
    const entry = this.#entryOf(key, value, terms, originNow(this.#context));
    counters.sets++;
    const keys = [key];
    fence(keys);
    local.put(key, entry);
    const called = ledger.invalidations;
    return chain.run(keys, () => {
      if (this.#isBehind(clock.now())) return this.#writeAll([[key, entry]], keys, called);
      const write = this.#encode(key, entry);
      return write instanceof Promise ? write.then((one) => this.#write(one)) : this.#write(write);
    });
  }

  /** @throws at once what is wrong with the input */
  setMany(values: readonly (readonly [string, V])[], options: WriteOptions): Promise<Outcome> {
    const { chain, counters, fence, ledger, local } = this.#context;
    if (values.length === 0) return Promise.resolve(nothingDone(this.#context.news.none));
    const terms = checkTerms('write', options, this.#context.options.ttl);
    const origin = originNow(this.#context);
    const entries = values.map(
      ([key, value]) => [key, this.#entryOf(key, value, terms, origin)] as const,
    );
    const keys = entries.map(([key]) => key);
    counters.sets += entries.length;
    fence(keys);
    for (const [key, entry] of entries) local.put(key, entry);
    const called = ledger.invalidations;
    return chain.run(keys, () => this.#writeAll(entries, keys, called));
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

  #entryOf(key: string, value: V, terms: EntryTerms, origin: Origin): LocalEntry<V> {
    checkKey(key);
    // It could not be told from a miss.
    if (value === undefined) {
      throw new ConfigError('value', value, 'anything but undefined; delete the key instead');
    }
    return newEntry(this.#context, value, terms, origin);
  }

  #write(write: EntryWrite<V>): Promise<Outcome> {
    const { gates, writer } = this.#context;
    const keys = [write.key];
    const [gate] = gates;
    if (gates.length === 1 && gate !== undefined) {
      return writer.write(gate, write).then((stored) => this.#written([stored], keys));
    }
    return Promise.all(gates.map((one) => writer.write(one, write))).then((stored) =>
      this.#written(stored, keys),
    );
  }

  async #writeAll(
    entries: readonly (readonly [string, LocalEntry<V>])[],
    keys: readonly string[],
    called: number,
  ): Promise<Outcome> {
    const { clock, gates, writer } = this.#context;
    if (this.#isBehind(clock.now())) await this.#catchUp(entries, called);
    const writes = await Promise.all(
      entries.map(([key, entry]) => Promise.resolve(this.#encode(key, entry))),
    );
    const [write] = writes;
    if (writes.length === 1 && write !== undefined) return this.#write(write);
    const stored = await Promise.all(gates.map((gate) => writer.writeMany(gate, writes)));
    return this.#written(stored, keys);
  }

  #written(
    stored: readonly ('applied' | 'queued')[],
    keys: readonly string[],
  ): Outcome | Promise<Outcome> {
    // While the keys still count as being written. Memory keeps what was set, unless a later write or
    // another instance's has replaced it.
    for (const key of keys) this.#context.fences.outdate(key);
    return this.#told(stored, keys);
  }

  /** Whether too little is known of the shared ledger for what is stored to count. */
  #isBehind(now: number): boolean {
    const { authority, ledger } = this.#context;
    return authority !== undefined && now > ledger.liveUntil;
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
    const { ledger } = this.#context;
    if (!(await ledger.refresh()) || ledger.invalidations !== called) return;
    for (const [, entry] of entries) {
      entry.ledgerId = ledger.replica.id;
      entry.asOf = ledger.replica.reached;
    }
  }

  #encode(key: string, entry: LocalEntry<V>): EntryWrite<V> | Promise<EntryWrite<V>> {
    const encoded = (bytes: Uint8Array | undefined): EntryWrite<V> => {
      if (bytes !== undefined) entry.nonce = nonceOf(bytes) ?? '';
      return { key, entry, bytes };
    };
    const bytes = encodeEntry(this.#context, key, entry);
    return bytes instanceof Promise ? bytes.then(encoded) : encoded(bytes);
  }

  /** What became of a write in every store; tells other instances where no store has done so. */
  #told(
    results: readonly ('applied' | 'queued')[],
    keys: readonly string[],
  ): Outcome | Promise<Outcome> {
    const { authority, gates, news } = this.#context;
    const stores = results.includes('queued') ? 'queued' : 'applied';
    const shared = authority === undefined ? stores : results[gates.indexOf(authority.gate)];
    const bus = news.keys(keys, shared ?? stores);
    return bus instanceof Promise
      ? bus.then((told) => ({ local: true, stores, bus: told }))
      : { local: true, stores, bus };
  }

  #announce(kind: 'key' | 'all', count: number): void {
    this.#context.events.emit('invalidate', { cache: this.#context.options.name, kind, count });
  }
}
