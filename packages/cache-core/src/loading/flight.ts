import { createDeferred } from '@perf/core';
import { LoadTimeoutError } from '../errors.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../context/cache-context.ts';
import { setRefreshAt } from '../local/attention.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { newEntry, originNow, type ReadStart } from '../entries/build-entry.ts';
import { newerSpare, stateOfSpare, type Spare } from '../entries/spare.ts';
import type { ReadOutcome, StoreReader } from '../entries/store-reader.ts';
import { storeLoaded } from './fill.ts';
import { acquireLease, type Lease } from './lease.ts';
import { LoadInstructions, type EntryContext, type Loader } from './load-context.ts';
import { BulkLoad } from './load-many.ts';
import type { LoadRunner } from './load-runner.ts';
import { RELEASED } from './reservation.ts';
import { Waiters } from './waiters.ts';

/** What a flight ended with. */
export type Landing<V> =
  | {
      readonly kind: 'value';
      readonly entry: LocalEntry<V>;
      readonly state: 'hit' | 'stale' | 'miss';
      readonly tier: string;
      /** Set where the entry is served in place of a load: with the error of one that failed, else of one that takes long. */
      readonly instead?: { readonly error?: unknown };
    }
  /** The key was changed before the load began: start over. */
  | { readonly kind: 'outdated' };

/** What one caller wants loaded, and how. */
export interface FlightRequest<V> {
  readonly key: string;
  /** What it is loaded by, alone or together with others. */
  readonly load: Loader<V> | BulkLoad<V>;
  /** Milliseconds. */
  readonly ttl: number;
  readonly tags: readonly string[];
  /** An entry that is being served while this flight replaces it. */
  readonly refreshing?: LocalEntry<V> | undefined;
  /** What memory keeps, to be served if the load fails. */
  readonly spare?: Spare<V> | undefined;
  /** What the stores had when they were asked already. */
  readonly read?: ReadOutcome<V> | undefined;
  /** Whether to load even if the key keeps changing; the value is then stored nowhere. */
  readonly insist?: boolean | undefined;
  /** Told at the end whether the value was stored. With it, a load that runs out of time is started over by who waits. */
  readonly onEnd?: ((stored: boolean) => void) | undefined;
}

/**
 * One attempt to get a key's value for all who ask for it meanwhile: read the stores, take the
 * ticket, load, store. Whatever changes the key outdates the flight; it then answers those who wait
 * and stores nothing.
 */
export class Flight<V> {
  readonly fence: Fence;
  readonly waiters: Waiters = new Waiters();
  /** Monotonic milliseconds; nothing was read or loaded before. */
  readonly began: number;
  /** The ledger's epoch then. */
  readonly epoch: number;
  readonly #landing = createDeferred<Landing<V>>();
  readonly #spareKnown = createDeferred<Spare<V> | undefined>();
  /** What is at hand of the key while it is loaded. */
  #spare: Spare<V> | undefined;
  #isKept = false;
  #isStored = false;
  /** Milliseconds, where the load was not one of many. */
  #loadTime: number | undefined;
  readonly #context: CacheContext<V>;
  readonly #reader: StoreReader<V>;
  readonly #runner: LoadRunner;
  readonly #request: FlightRequest<V>;

  constructor(
    context: CacheContext<V>,
    reader: StoreReader<V>,
    runner: LoadRunner,
    request: FlightRequest<V>,
  ) {
    this.#context = context;
    this.#reader = reader;
    this.#runner = runner;
    this.#request = request;
    this.fence = context.fences.begin(request.key, request.tags);
    this.#spare =
      request.refreshing === undefined
        ? request.spare
        : { entry: request.refreshing, tier: 'memory' };
    this.began = context.clock.now();
    this.epoch = context.ledger.epoch;
    // All who wait may have given up by the time it fails.
    this.#landing.promise.catch(() => undefined);
  }

  /** Settles once for all who wait; a failed load rejects all of them. */
  get landing(): Promise<Landing<V>> {
    return this.#landing.promise;
  }

  /** What may be served in place of the load; known once the stores have been asked. Never rejects. */
  get spare(): Promise<Spare<V> | undefined> {
    return this.#spareKnown.promise;
  }

  /** The cache itself waits for it from now on: it goes on though all callers leave. False if it did already. */
  keep(): boolean {
    if (this.#isKept) return false;
    this.#isKept = true;
    this.waiters.add(undefined);
    return true;
  }

  /** Runs it; resolves when everything about it is done. Never rejects. */
  async run(): Promise<void> {
    try {
      this.#landing.resolve(await this.#fly());
    } catch (error) {
      this.#landing.reject(error);
    } finally {
      this.#spareKnown.resolve(undefined);
      this.#request.onEnd?.(this.#isStored);
      this.#context.fences.end(this.fence);
    }
  }

  async #fly(): Promise<Landing<V>> {
    const { fence } = this;
    const { insist = false, refreshing } = this.#request;
    const start = this.#reader.start();
    const read = await this.#read(start);
    if (read.kind === 'hit' && this.#isNews(read)) return { ...read, kind: 'value' };
    if (read.kind === 'miss') this.#spare = newerSpare(this.#spare, read.spare);
    this.#spareKnown.resolve(this.#spare);
    const held = this.#context.holdDowns.of(fence.key);
    if (held !== undefined && this.#spare !== undefined) {
      const landing = await this.#landSpare(this.#spare, held.error);
      if (landing !== undefined) return landing;
    }
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
    const { key, ttl, tags, onEnd, insist = false } = this.#request;
    let origin = originNow(this.#context, start.epoch);
    const board = (): boolean => {
      // While it waited for its turn it may have become of no use.
      const isLost = lease.kind === 'ticket' && lease.isLost();
      if ((this.fence.outdated || isLost) && !insist) return false;
      // One pair, taken before the load: what is invalidated from here on concerns the result.
      origin = originNow(this.#context, start.epoch);
      return true;
    };
    const instructions = new LoadInstructions<V>({
      key,
      previous: this.#spare?.entry,
      ttl,
      tags,
      negativeTtl: this.#context.options.negativeTtl,
      onTag: (more) => {
        this.fence.tags = more;
      },
    });
    let loaded: ReturnType<LoadInstructions<V>['settle']>;
    try {
      const returned = await this.#callLoader(instructions.context, board);
      if (returned === RELEASED) {
        await this.#abandon(lease);
        return { kind: 'outdated' };
      }
      loaded = instructions.settle(returned);
    } catch (error) {
      await this.#abandon(lease);
      if (onEnd !== undefined && error instanceof LoadTimeoutError) return { kind: 'outdated' };
      return this.#failed(error);
    }
    this.#context.holdDowns.end(key);
    const { value, terms } = loaded;
    if (terms.negative === true) this.#context.counters.negatives++;
    const entry = newEntry(this.#context, value, terms, origin, this.#loadTime);
    if (value === undefined || instructions.skipped) {
      await this.#abandon(lease);
      return { kind: 'value', entry, state: 'miss', tier: 'loader' };
    }
    this.#isStored = await storeLoaded(this.#context, this.fence, key, entry, lease);
    return { kind: 'value', entry, state: 'miss', tier: 'loader' };
  }

  async #callLoader(context: EntryContext<V>, board: () => boolean): Promise<V | typeof RELEASED> {
    const { key, load } = this.#request;
    if (load instanceof BulkLoad) return load.one(context, this.waiters, board);
    let isBoarded = false;
    const boarded = (): readonly string[] => {
      isBoarded = board();
      return isBoarded ? [key] : [];
    };
    const value = await this.#runner.run([this.waiters], boarded, async (signal) => {
      const { clock } = this.#context;
      const began = clock.now();
      const loaded = await load({ ...context, signal });
      this.#loadTime = clock.now() - began;
      return loaded;
    });
    return isBoarded ? (value as V) : RELEASED;
  }

  /** What is at hand instead, if it may still be served. @throws the failure otherwise */
  async #failed(error: unknown): Promise<Landing<V>> {
    const { clock, events, holdDowns, lifecycle, options } = this.#context;
    // Nobody wants it any more; that says nothing about the loader.
    if (this.waiters.abandoned || !lifecycle.isOpen || this.#spare === undefined) throw error;
    const { key, refreshing } = this.#request;
    holdDowns.add(key, error);
    if (refreshing !== undefined) setRefreshAt(refreshing, clock.now() + options.retryAfter);
    const landing = await this.#landSpare(this.#spare, error);
    if (landing === undefined) throw error;
    const operation = refreshing === undefined ? 'load' : 'refresh';
    events.emit('error', { cache: options.name, operation, key, error });
    return landing;
  }

  async #landSpare(spare: Spare<V>, error: unknown): Promise<Landing<V> | undefined> {
    const state = await stateOfSpare(this.#context, this.fence, spare);
    if (state === undefined) return undefined;
    return {
      ...spare,
      kind: 'value',
      state: state === 'hit' ? 'hit' : 'stale',
      instead: { error },
    };
  }

  /** Gives the ticket back, so that nobody waits for a value that will not come. */
  async #abandon(lease: Lease<V>): Promise<void> {
    if (lease.kind !== 'ticket') return;
    lease.end();
    // Out of reach: the ticket lapses by itself.
    await this.#context.authority?.tickets.release({ key: this.fence.key, ticket: lease.ticket });
  }
}
