import type { Timer } from '@perf/core';
import type { CacheStore, StoreCall, StoredEntry } from '../contracts/cache-store.ts';
import {
  PendingInvalidations,
  type Invalidation,
  type PendingBatch,
} from './pending-invalidations.ts';
import { ReadBatcher } from './read-batcher.ts';
import { checkAnswers, StoreCalls, type StoreCallsOptions } from './store-calls.ts';

/** How long until what is pending is tried again where a policy, not a cool-off, says when, in milliseconds. */
const REPLAY_INTERVAL = 1000;

/** What a {@link StoreGate} needs beside its store. */
export interface StoreGateOptions extends StoreCallsOptions {
  /** Writes pending invalidations; resolves when the store has them. */
  readonly replay: (gate: StoreGate, batch: PendingBatch) => Promise<void>;
}

/**
 * Stands before one store: its calls are bounded, and the invalidations that did not get through are
 * kept until they do.
 */
export class StoreGate extends StoreCalls {
  readonly pending: PendingInvalidations = new PendingInvalidations();
  readonly #options: StoreGateOptions;
  readonly #batcher: ReadBatcher;
  #replaying: Promise<void> | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(store: CacheStore, options: StoreGateOptions) {
    super(store, {
      ...options,
      onStateChange: (open) => {
        options.onStateChange(open);
        if (open && this.pending.size > 0) void this.replay();
      },
    });
    this.#options = options;
    this.#batcher = new ReadBatcher((keys) => this.#readNow(keys), this.keysPerCall);
  }

  /**
   * As {@link callMany}, for what must not see the old value of a key: keys with a pending invalidation
   * are not asked for.
   */
  askMany<Item, Answer>(
    operation: string,
    items: readonly Item[],
    keyOf: (item: Item) => string,
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly (Answer | undefined)[]>,
  ): Promise<readonly (Answer | undefined)[]> {
    return this.callMany(operation, items, async (some, call) => {
      // Looked at when the call is sent, not when its turn was asked for.
      const asked = some.filter((item) => !this.pending.blocks(keyOf(item)));
      if (asked.length === some.length) return run(some, call);
      if (asked.length === 0) return some.map(() => undefined);
      const answers = checkAnswers(operation, await run(asked, call), asked.length);
      const byItem = new Map(asked.map((item, index) => [item, answers[index]]));
      return some.map((item) => byItem.get(item));
    });
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
  apply(
    operation: string,
    invalidation: Invalidation,
    run: (call: StoreCall) => Promise<void>,
    onQueued?: () => void,
  ): Promise<'applied' | 'queued'> {
    return this.#write(invalidation, () => this.call(operation, run), onQueued);
  }

  /** As {@link apply}, for many items in as few calls as their number allows; their keys become pending. */
  applyMany<Item>(
    operation: string,
    items: readonly Item[],
    keyOf: (item: Item) => string,
    run: (some: readonly Item[], call: StoreCall) => Promise<unknown>,
  ): Promise<'applied' | 'queued'> {
    return this.#write({ kind: 'keys', keys: items.map(keyOf) }, () =>
      this.callAll(operation, items, async (some, call) => {
        await run(some, call);
        return some;
      }),
    );
  }

  /** Deletes keys, as {@link apply} writes. */
  delete(keys: readonly string[]): Promise<'applied' | 'queued'> {
    return this.applyMany(
      'deleteMany',
      keys,
      (key) => key,
      (some, call) => this.store.deleteMany(some, call),
    );
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
  override stop(): void {
    this.#stopped = true;
    super.stop();
    this.#timer?.cancel();
  }

  async #write(
    invalidation: Invalidation,
    write: () => Promise<unknown>,
    onQueued?: () => void,
  ): Promise<'applied' | 'queued'> {
    this.counters.writes++;
    const replayable = this.#replaying !== undefined || this.available;
    if (this.pending.size > 0 && replayable) await this.replay();
    if (this.pending.size === 0 && this.available) {
      try {
        await write();
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

  async #replayAll(): Promise<void> {
    while (this.pending.size > 0 && this.available) {
      const batch = this.pending.next();
      try {
        await this.#options.replay(this, batch);
      } catch {
        return;
      }
      this.pending.settle(batch);
    }
  }

  #readNow(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    if (this.pending.size > 0 && this.available) void this.replay();
    return this.askMany(
      'getMany',
      keys,
      (key) => key,
      async (some, call) => checkFound(await this.store.getMany(some, call)),
    );
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

function checkFound(
  found: readonly (StoredEntry | undefined)[],
): readonly (StoredEntry | undefined)[] {
  if (
    Array.isArray(found) &&
    found.every((entry) => entry === undefined || entry?.bytes instanceof Uint8Array)
  ) {
    return found;
  }
  throw new TypeError('getMany must resolve to an entry or undefined for each key');
}
