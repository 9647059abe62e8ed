import type { StoreCall } from '../contracts/cache-store.ts';
import { StoreRefusedError, StoreUnavailableError } from '../errors.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { EntryWrite, StoreWriter } from '../context/store-writer.ts';
import { storedFor } from './entry-times.ts';
import type { GateWrite, StoreGate } from '../stores/store-gate.ts';
import { TurnBatcher } from '../stores/batching/turn-batcher.ts';

type Applied = 'applied' | 'queued';
type Context<V> = Pick<CacheContext<V>, 'clock' | 'events' | 'gates' | 'options'>;

/** Sends single writes of one turn of the event loop together. */
export class EntryWriter<V> implements StoreWriter<V> {
  readonly #context: Context<V>;
  readonly #single = new Map<StoreGate, TurnBatcher<EntryWrite<V>, Applied>>();

  constructor(context: Context<V>) {
    this.#context = context;
  }

  async writeMany(gate: StoreGate, writes: readonly EntryWrite<V>[]): Promise<Applied> {
    return (await this.#write(gate, writes)).includes('queued') ? 'queued' : 'applied';
  }

  write(gate: StoreGate, write: EntryWrite<V>): Promise<Applied> {
    let single = this.#single.get(gate);
    if (single === undefined) {
      single = new TurnBatcher((writes) => this.#write(gate, writes));
      this.#single.set(gate, single);
    }
    return single.add(write);
  }

  async #write(gate: StoreGate, writes: readonly EntryWrite<V>[]): Promise<readonly Applied[]> {
    const unknown = new Set<string>();
    const outcome = await gate.applyMany(
      'setMany',
      writes,
      ({ key }) => key,
      async (some, call) => {
        const absent = await this.#store(gate, some, call, unknown);
        if (absent.length > 0) await gate.store.deleteMany(absent, call);
      },
    );
    if (unknown.size > 0) gate.forget([...unknown]);
    return writes.map(({ key }) => (unknown.has(key) ? 'queued' : outcome));
  }

  /**
   * The keys that the store does not have now.
   * @param unknown gets those of which nobody can tell, unless that is so of all
   */
  async #store(
    gate: StoreGate,
    writes: readonly EntryWrite<V>[],
    call: StoreCall,
    unknown: Set<string>,
  ): Promise<readonly string[]> {
    const now = this.#context.clock.now();
    const absent: string[] = [];
    const storable: GateWrite[] = [];
    for (const { key, entry, bytes, fence } of writes) {
      const ttl = storedFor(this.#context, gate, entry, now);
      if (bytes === undefined || ttl < 1 || fence?.outdated === true) absent.push(key);
      else storable.push({ key, bytes, ttl, epoch: entry.epoch });
    }
    if (storable.length === 0) return absent;
    const results = await gate.write(storable, call);
    if (!results.some((result) => result === 'stored' || result === 'refused')) {
      throw new Error('the outcome of the write is unknown');
    }
    const store = gate.store.name;
    for (const [index, { key }] of storable.entries()) {
      const result = results[index];
      if (result === 'stored') continue;
      if (result === 'refused') absent.push(key);
      else unknown.add(key);
      this.#report(
        store,
        key,
        result === 'refused'
          ? new StoreRefusedError(store, key)
          : new StoreUnavailableError(store, 'setMany'),
      );
    }
    return absent;
  }

  #report(store: string, key: string, error: unknown): void {
    const { events, options } = this.#context;
    events.emit('error', { cache: options.name, operation: 'setMany', store, key, error });
  }
}
