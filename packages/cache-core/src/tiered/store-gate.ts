import { abortable, deadlineSignal, type Clock, type Policy, type Timer } from '@perf/core';
import type { CacheStore, StoreCall, StoredEntry } from '../contracts/cache-store.ts';
import { StoreUnavailableError } from '../errors.ts';
import { CoolOff } from './cool-off.ts';
import { PendingInvalidations, type Invalidation } from './pending-invalidations.ts';
import { ReadBatcher } from './read-batcher.ts';

/** How long until what is pending is tried again where a policy, not a cool-off, says when, in milliseconds. */
const REPLAY_INTERVAL = 1000;

/** What a {@link StoreGate} needs beside its store. */
export interface StoreGateOptions {
  readonly clock: Clock;
  /** Milliseconds that one store call may take. */
  readonly timeout: number;
  /** Replaces the built-in cool-off. */
  readonly policy: Policy | undefined;
  /** Writes a pending invalidation; resolves when the store has it. */
  readonly replay: (gate: StoreGate, invalidation: Invalidation) => Promise<void>;
  readonly onError: (operation: string, error: StoreUnavailableError) => void;
  readonly onStateChange: (available: boolean) => void;
}

/** Counters of one store. */
export interface StoreCounters {
  reads: number;
  hits: number;
  writes: number;
  errors: number;
  damaged: number;
}

export function createStoreCounters(): StoreCounters {
  return { reads: 0, hits: 0, writes: 0, errors: 0, damaged: 0 };
}

/**
 * Stands before one store: bounds every call in time, pauses after trouble instead of waiting for
 * each call again, and keeps the invalidations that did not get through until they do.
 */
export class StoreGate {
  readonly store: CacheStore;
  readonly counters: StoreCounters = createStoreCounters();
  readonly pending: PendingInvalidations;
  readonly #options: StoreGateOptions;
  readonly #batcher: ReadBatcher;
  readonly #coolOff: CoolOff;
  #replaying: Promise<void> | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(store: CacheStore, options: StoreGateOptions) {
    this.store = store;
    this.#options = options;
    this.pending = new PendingInvalidations();
    this.#batcher = new ReadBatcher((keys) => this.#readNow(keys));
    this.#coolOff = new CoolOff({
      clock: options.clock,
      probe: () => this.#probe(),
      onChange: (open) => {
        options.onStateChange(open);
        if (open && this.pending.size > 0) void this.replay();
      },
    });
  }

  /** Whether calls are sent now, or the store is being left alone. */
  get available(): boolean {
    return this.#coolOff.open;
  }

  /**
   * One bounded call. Rejects with {@link StoreUnavailableError} when the store failed, did not answer
   * in time or is being left alone.
   */
  async call<T>(operation: string, run: (call: StoreCall) => Promise<T>): Promise<T> {
    if (!this.available) throw new StoreUnavailableError(this.store.name, operation);
    try {
      return await this.#attempt(operation, run);
    } catch (error) {
      if (this.#options.policy === undefined && !this.#stopped) this.#coolOff.failed();
      throw error;
    }
  }

  /** Work whose failure, or length, says nothing about the store; it is only reported. Never rejects. */
  async housekeep(operation: string, run: (call: StoreCall) => Promise<unknown>): Promise<void> {
    if (!this.available) return;
    try {
      await this.#attempt(operation, run);
    } catch {
      // Reported.
    }
  }

  /**
   * Visits the pages of a scan; each page has a store call's time. Rejects with
   * {@link StoreUnavailableError} when the store fails.
   */
  async walk<Page>(
    pages: (call: StoreCall) => AsyncIterable<Page>,
    visit: (page: Page) => Promise<void>,
  ): Promise<void> {
    const controller = new AbortController();
    const iterator = pages({ signal: controller.signal })[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.call('keys', () => iterator.next());
        if (next.done === true) return;
        await visit(next.value);
      }
    } finally {
      controller.abort();
      // A scan that hangs is not waited for.
      iterator.return?.().catch(() => undefined);
    }
  }

  /** Never rejects: trouble, and keys with a pending invalidation, are absent. */
  getMany(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#batcher.getMany(keys);
  }

  /**
   * Writes an invalidation, or anything else that must not be lost half-way: when it fails or has to
   * wait, `invalidation` becomes pending and is replayed. Everything goes behind what is pending
   * already. `onQueued` is called in the same step.
   */
  async apply(
    operation: string,
    invalidation: Invalidation,
    run: (call: StoreCall) => Promise<void>,
    onQueued?: () => void,
  ): Promise<'applied' | 'queued'> {
    this.counters.writes++;
    const replayable = this.#replaying !== undefined || this.available;
    if (this.pending.size > 0 && replayable) await this.replay();
    if (this.pending.size === 0 && this.available) {
      try {
        await this.call(operation, run);
        return 'applied';
      } catch {
        // Reported by call; it may have been applied or not.
      }
    }
    this.pending.add(invalidation);
    onQueued?.();
    this.#schedule();
    return 'queued';
  }

  /** Writes what is pending; resolves when nothing is left or the store fails again. Never rejects. */
  replay(): Promise<void> {
    this.#replaying ??= this.#replayAll().finally(() => {
      this.#replaying = undefined;
      if (this.pending.size > 0) this.#schedule();
    });
    return this.#replaying;
  }

  /** No more timers; what is pending stays so. */
  stop(): void {
    this.#stopped = true;
    this.#coolOff.stop();
    this.#timer?.cancel();
  }

  async #replayAll(): Promise<void> {
    while (this.pending.size > 0 && this.available) {
      const batch = this.pending.next();
      try {
        await this.#options.replay(this, batch.invalidation);
      } catch {
        return;
      }
      this.pending.settle(batch);
    }
  }

  async #readNow(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    if (this.pending.size > 0 && this.available) void this.replay();
    // Looked at when the read is sent: a key whose old value is still there must not be asked for.
    const asked = keys.filter((key) => !this.pending.blocks(key));
    if (asked.length === 0 || !this.available) return keys.map(() => undefined);
    try {
      const found = await this.call('getMany', async (call) =>
        checkFound(await this.store.getMany(asked, call), asked.length),
      );
      if (asked.length === keys.length) return found;
      const byKey = new Map(asked.map((key, index) => [key, found[index]]));
      return keys.map((key) => byKey.get(key));
    } catch {
      return keys.map(() => undefined);
    }
  }

  /** Bounded, through the policy if there is one, counted and reported when it fails. */
  async #attempt<T>(operation: string, run: (call: StoreCall) => Promise<T>): Promise<T> {
    const { policy } = this.#options;
    try {
      return await (policy === undefined
        ? this.#bounded(operation, run, undefined)
        : policy.execute(({ signal }) => this.#bounded(operation, run, signal)));
    } catch (cause) {
      const error = new StoreUnavailableError(this.store.name, operation, { cause });
      this.counters.errors++;
      this.#options.onError(operation, error);
      throw error;
    }
  }

  async #bounded<T>(
    operation: string,
    run: (call: StoreCall) => Promise<T>,
    parent: AbortSignal | undefined,
  ): Promise<T> {
    const { clock, timeout } = this.#options;
    const what = `${operation} of store "${this.store.name}"`;
    const deadline = deadlineSignal(clock, what, timeout, parent);
    try {
      // A store that ignores its signal is not waited for either.
      return await abortable(run({ signal: deadline.signal }), deadline.signal);
    } finally {
      deadline.release();
    }
  }

  async #probe(): Promise<boolean> {
    try {
      const health = await this.#bounded('health', (call) => this.store.health(call), undefined);
      return health.healthy;
    } catch {
      // It does not answer yet: that was reported when it began.
      return false;
    }
  }

  /** A store that opens again replays by itself; a policy does not say when. */
  #schedule(): void {
    if (this.#options.policy === undefined || this.#timer !== undefined || this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = undefined;
      void this.replay();
    }, REPLAY_INTERVAL);
  }
}

/** A store that answers something else is in trouble, whatever it says. */
function checkFound(
  found: readonly (StoredEntry | undefined)[],
  length: number,
): readonly (StoredEntry | undefined)[] {
  const sound =
    Array.isArray(found) &&
    found.length === length &&
    found.every((entry) => entry === undefined || entry?.bytes instanceof Uint8Array);
  if (!sound) throw new TypeError('getMany must resolve to an entry or undefined for each key');
  return found;
}
