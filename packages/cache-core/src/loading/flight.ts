import { abortable, createDeferred, deadlineSignal, TimeoutError } from '@perf/core';
import { LoadTimeoutError } from '../errors.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../tiered/cache-context.ts';
import type { LocalEntry } from '../tiered/local-entry.ts';
import type { ReadOutcome, ReadStart, StoreReader } from '../tiered/store-reader.ts';
import { storeLoaded } from './fill.ts';
import { acquireLease, type Lease } from './lease.ts';
import { LoadInstructions, type Loader } from './load-context.ts';
import type { LoadLimiter } from './load-limiter.ts';

/** What a flight ended with. */
export type Landing<V> =
  | {
      readonly kind: 'value';
      readonly entry: LocalEntry<V>;
      readonly state: 'hit' | 'stale' | 'miss';
      readonly tier: string;
    }
  /** The key was changed before the load began: start over. */
  | { readonly kind: 'outdated' };

/** What one caller wants loaded, and how. */
export interface FlightRequest<V> {
  readonly key: string;
  readonly load: Loader<V>;
  /** Milliseconds. */
  readonly ttl: number;
  readonly tags: readonly string[];
  /** A stale entry that this flight is to replace. */
  readonly refreshing?: LocalEntry<V> | undefined;
  /** What the stores had when they were asked already. */
  readonly read?: ReadOutcome<V> | undefined;
  /** Whether to load even if the key keeps changing; the value is then stored nowhere. */
  readonly insist?: boolean | undefined;
  /** Bounds the loads; one load of many keys counts itself. */
  readonly limiter?: LoadLimiter | undefined;
}

/**
 * One attempt to get a key's value for all who ask for it meanwhile: read the stores, take the
 * ticket, load, store. Whatever changes the key outdates the flight; it then answers those who wait
 * and stores nothing.
 */
export class Flight<V> {
  readonly fence: Fence;
  /** Monotonic milliseconds; nothing was read or loaded before. */
  readonly began: number;
  readonly #landing = createDeferred<Landing<V>>();
  readonly #context: CacheContext<V>;
  readonly #reader: StoreReader<V>;
  readonly #request: FlightRequest<V>;

  constructor(context: CacheContext<V>, reader: StoreReader<V>, request: FlightRequest<V>) {
    this.#context = context;
    this.#reader = reader;
    this.#request = request;
    this.fence = context.fences.begin(request.key, request.tags);
    this.began = context.clock.now();
    // All who wait may have given up by the time it fails.
    this.#landing.promise.catch(() => undefined);
  }

  /** Settles once for all who wait; a failed load rejects all of them. */
  get landing(): Promise<Landing<V>> {
    return this.#landing.promise;
  }

  /** Runs it; resolves when everything about it is done. Never rejects. */
  async run(): Promise<void> {
    try {
      this.#landing.resolve(await this.#fly());
    } catch (error) {
      this.#landing.reject(error);
    } finally {
      this.#context.fences.end(this.fence);
    }
  }

  async #fly(): Promise<Landing<V>> {
    const { fence } = this;
    const { insist = false, refreshing } = this.#request;
    const start = this.#reader.start();
    const read = await this.#read(start);
    if (read.kind === 'hit' && this.#isNews(read)) return { ...read, kind: 'value' };
    const badNonce =
      read.kind === 'hit' ? read.entry.nonce : (read.badNonce ?? (refreshing?.nonce || undefined));
    const lease = await acquireLease(this.#context, this.#reader, fence, badNonce);
    if (lease.kind === 'hit') return { ...lease.read, kind: 'value' };
    if ((fence.outdated || lease.kind === 'outdated') && !insist) {
      await this.#abandon(lease);
      return { kind: 'outdated' };
    }
    return this.#load(start, lease);
  }

  async #read(start: ReadStart): Promise<ReadOutcome<V>> {
    if (this.#request.read !== undefined) return this.#request.read;
    const [outcome] = await this.#reader.readMany([this.fence], start);
    return outcome as ReadOutcome<V>;
  }

  /** A refresh is not done by finding what it is to replace. */
  #isNews(read: Extract<ReadOutcome<V>, { kind: 'hit' }>): boolean {
    const { refreshing } = this.#request;
    return (
      refreshing === undefined || (read.state === 'hit' && read.entry.nonce !== refreshing.nonce)
    );
  }

  async #load(start: ReadStart, lease: Lease<V>): Promise<Landing<V>> {
    const { ledger, clock } = this.#context;
    const { replica } = ledger;
    const { key, ttl, tags } = this.#request;
    // One pair, taken before the load: what is invalidated from here on concerns the result.
    const { id: ledgerId, reached: asOf } = replica;
    const born = replica.nextTick();
    const began = clock.now();
    const instructions = new LoadInstructions(ttl, tags);
    let value: V;
    try {
      value = await this.#callLoader(instructions);
    } catch (error) {
      await this.#abandon(lease);
      throw error;
    }
    const now = clock.now();
    const entry: LocalEntry<V> = {
      value,
      nonce: '',
      ledgerId,
      asOf,
      tags: instructions.tags,
      born,
      storedAt: clock.epoch(),
      freshUntil: now + instructions.ttl,
      staleUntil: now + instructions.ttl + this.#context.options.staleWhileRevalidate,
      verified: began,
      epoch: start.epoch,
      judged: -1,
    };
    if (value === undefined || instructions.skipped) {
      await this.#abandon(lease);
      return { kind: 'value', entry, state: 'miss', tier: 'loader' };
    }
    const kept = await storeLoaded(this.#context, this.fence, key, entry, lease);
    return { kind: 'value', entry: kept, state: 'miss', tier: 'loader' };
  }

  /** Its time begins with its turn: a load does not fail because others came before it. */
  #callLoader(instructions: LoadInstructions): Promise<V> {
    const { lifecycle, limiter } = this.#context;
    return (this.#request.limiter ?? limiter).run(
      () => this.#runLoader(instructions),
      lifecycle.signal,
    );
  }

  async #runLoader(instructions: LoadInstructions): Promise<V> {
    const { clock, options, lifecycle, counters } = this.#context;
    const { key, load, refreshing } = this.#request;
    const deadline = deadlineSignal(clock, 'load', options.hardTimeout, lifecycle.signal);
    const { signal } = deadline;
    const context = instructions.contextFor(key, signal, refreshing?.value, () => {
      this.fence.tags = instructions.tags;
    });
    const began = clock.now();
    counters.loads++;
    let outcome: 'loaded' | 'failed' | 'timeout' = 'failed';
    try {
      const value = await abortable(Promise.resolve(load(context)), signal);
      outcome = 'loaded';
      return value;
    } catch (error) {
      counters.loadErrors++;
      if (signal.aborted && signal.reason === error && error instanceof TimeoutError) {
        outcome = 'timeout';
        throw new LoadTimeoutError(key, options.hardTimeout, { cause: error });
      }
      throw error;
    } finally {
      deadline.release();
      const duration = clock.now() - began;
      counters.loadMs += duration;
      counters.loadMsMax = Math.max(counters.loadMsMax, duration);
      this.#context.events.emit('load', { cache: options.name, key, duration, outcome });
    }
  }

  /** Gives the ticket back, so that nobody waits for a value that will not come. */
  async #abandon(lease: Lease<V>): Promise<void> {
    if (lease.kind !== 'ticket') return;
    lease.end();
    // Out of reach: the ticket lapses by itself.
    await this.#context.authority?.tickets.release({ key: this.fence.key, ticket: lease.ticket });
  }
}
