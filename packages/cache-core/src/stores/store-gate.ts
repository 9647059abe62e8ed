import type {
  CacheStore,
  StoreCall,
  StoredEntry,
  StoreWrite,
  WriteResult,
} from '../contracts/cache-store.ts';
import { StoreUnavailableError } from '../errors.ts';
import { checkAnswers, slicesOf } from './calls/batches.ts';
import type { EpochStamp } from './ledger/epoch-stamp.ts';
import type {
  Invalidation,
  PendingBatch,
  PendingInvalidations,
} from './invalidations/pending-invalidations.ts';
import { ReadBatcher } from './batching/read-batcher.ts';
import { Replays } from './invalidations/replays.ts';
import { StoreCalls, type StoreCallsOptions } from './calls/store-calls.ts';
import { TurnBatcher } from './batching/turn-batcher.ts';

/** What a {@link StoreGate} needs beside its store. */
export interface StoreGateOptions extends StoreCallsOptions {
  /** Whether its ledger invalidates what it holds. */
  readonly isAuthority: boolean;
  /** Marks what it holds, where it does not hear by itself of what other hosts change. */
  readonly stamp?: EpochStamp | undefined;
  /** Writes pending invalidations; resolves to the keys that the store does not have, when it has the others. */
  readonly replay: (gate: StoreGate, batch: PendingBatch) => Promise<readonly string[]>;
  /** Something that was confirmed is pending again. */
  readonly onAgain: (invalidation: Invalidation) => void;
}

/** An entry as it was found in a tier. */
export interface FoundEntry extends StoredEntry {
  /** Where the tier is stamped: the epoch in which this instance stored it, −1 if another one did. */
  readonly epoch?: number;
}

/** An entry to be stored, with the epoch in which its read or load began. */
export interface GateWrite extends StoreWrite {
  readonly epoch: number;
}

/**
 * Stands before one store: its calls are bounded, and the invalidations that did not get through are
 * kept until they do.
 */
export class StoreGate extends StoreCalls {
  readonly #options: StoreGateOptions;
  readonly #replays: Replays;
  readonly #deletes: TurnBatcher<string, 'applied' | 'queued'>;
  readonly #batcher: ReadBatcher<FoundEntry | undefined>;

  constructor(store: CacheStore, options: StoreGateOptions) {
    super(store, {
      ...options,
      onStateChange: (open) => {
        options.onStateChange(open);
        if (open && this.pending.size > 0) void this.replay();
      },
    });
    this.#options = options;
    this.#replays = new Replays(this, {
      clock: options.clock,
      write: (batch) => options.replay(this, batch),
      onAgain: options.onAgain,
    });
    this.#deletes = new TurnBatcher(async (keys) => {
      const outcome = await this.#deleteNow(keys);
      return keys.map(() => outcome);
    });
    this.#batcher = new ReadBatcher((keys) => this.#readNow(keys), this.keysPerCall);
  }

  /** Whether it does not hear by itself of what other hosts change. */
  get isNarrow(): boolean {
    return this.#options.stamp !== undefined;
  }

  get pending(): PendingInvalidations {
    return this.#replays.pending;
  }

  /** How many writes are repeated in a while because earlier ones may still arrive. */
  get unsevered(): number {
    return this.#replays.unsevered;
  }

  /** One call of the store's `getMany`. */
  read(keys: readonly string[], call: StoreCall): Promise<readonly (FoundEntry | undefined)[]> {
    const { stamp } = this.#options;
    return Promise.resolve(this.store.getMany(keys, call)).then((answers) => {
      const found = checkFound(answers);
      if (stamp === undefined) return found;
      return found.map((entry) => entry && { ...entry, ...stamp.open(entry.bytes) });
    });
  }

  /** One call of the store's `setMany`. */
  write(entries: readonly GateWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    const { stamp } = this.#options;
    if (stamp === undefined) return this.store.setMany(entries, call);
    const sealed = entries.map(({ key, bytes, ttl, epoch }) => ({
      key,
      bytes: stamp.seal(bytes, epoch),
      ttl,
    }));
    return this.store.setMany(sealed, call);
  }

  /** Removes everything, as {@link apply} writes. What a ledger has invalidated is not looked for one by one. */
  clear(): Promise<'applied' | 'queued'> {
    return this.apply('clear', { kind: 'clear' }, (call) => this.clearNow(call));
  }

  async clearNow(call: StoreCall): Promise<void> {
    const { isAuthority } = this.#options;
    if (isAuthority && this.store.capabilities.clearsByScan === true) return;
    await this.store.clear(call);
  }

  /** Others have changed these keys: they are not read here until they are deleted. */
  forget(keys: readonly string[]): void {
    this.#replays.add({ kind: 'keys', keys });
  }

  /** Another server answers. @param also what has to be invalidated beside what was written last */
  repeat(also: readonly Invalidation[]): void {
    this.#replays.repeat(also);
  }

  /**
   * As {@link callMany}, for what must not see the old value of a key: keys with a pending invalidation
   * are not asked for, and the value of one that has become such meanwhile is not taken.
   * @param hasValue whether an answer tells the value of its key
   */
  askMany<Item, Answer>(
    operation: string,
    items: readonly Item[],
    keyOf: (item: Item) => string,
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly (Answer | undefined)[]>,
    hasValue: (answer: Answer) => boolean = () => true,
  ): Promise<readonly (Answer | undefined)[]> {
    return this.callMany(operation, items, (some, call) => {
      // Looked at when the call is sent, not when its turn was asked for.
      const asked =
        this.pending.size === 0 ? some : some.filter((item) => !this.pending.blocks(keyOf(item)));
      if (asked.length === 0) return Promise.resolve(some.map(() => undefined));
      return Promise.resolve(run(asked, call)).then((given) => {
        const answers = checkAnswers(operation, given, asked.length);
        // A call that was sent while its server was being replaced has come to the new one, which may lack the
        // invalidation that is about to be repeated.
        if (asked.length === some.length && this.pending.size === 0) return answers;
        const byItem = new Map(asked.map((item, index) => [item, answers[index]]));
        return some.map((item) => {
          const answer = byItem.get(item);
          const isOld =
            answer !== undefined && hasValue(answer) && this.pending.blocks(keyOf(item));
          return isOld ? undefined : answer;
        });
      });
    });
  }

  /**
   * Never rejects: trouble, and keys with a pending invalidation, are absent. Reads of single keys that
   * come together are sent together.
   */
  getMany(keys: readonly string[]): Promise<readonly (FoundEntry | undefined)[]> {
    const [key] = keys;
    if (keys.length > 1 || key === undefined) return this.#readNow(keys);
    return this.#batcher.get(key, listOf);
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
    return this.#write(operation, invalidation, () => this.call(operation, run), onQueued);
  }

  /** As {@link apply}, for many items in as few calls as their number allows; their keys become pending. */
  applyMany<Item>(
    operation: string,
    items: readonly Item[],
    keyOf: (item: Item) => string,
    run: (some: readonly Item[], call: StoreCall) => Promise<unknown>,
  ): Promise<'applied' | 'queued'> {
    return this.#write(operation, { kind: 'keys', keys: items.map(keyOf) }, () =>
      this.callAll(operation, items, async (some, call) => {
        await run(some, call);
        return some;
      }),
    );
  }

  /** Deletes keys, as {@link apply} writes; single keys of one turn of the event loop together. */
  delete(keys: readonly string[]): Promise<'applied' | 'queued'> {
    const [key] = keys;
    if (keys.length !== 1 || key === undefined) return this.#deleteNow(keys);
    return this.#deletes.add(key);
  }

  #deleteNow(keys: readonly string[]): Promise<'applied' | 'queued'> {
    return this.applyMany(
      'deleteMany',
      keys,
      (key) => key,
      (some, call) => this.store.deleteMany(some, call),
    );
  }

  /**
   * Deletes keys that are pending. Resolves to those for which that failed; rejects when it is not known for
   * which.
   */
  async deleteAgain(keys: readonly string[]): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const some of slicesOf(keys, this.keysPerCall)) {
      try {
        await this.call(
          'deleteMany',
          (call) => this.store.deleteMany(some, call),
          some.length,
          'report',
        );
      } catch (error) {
        const left = error instanceof StoreUnavailableError ? error.failedKeys : undefined;
        if (left === undefined) throw error;
        failed.push(...left);
      }
    }
    return failed;
  }

  /** Writes what is pending; resolves when nothing is left or the store fails again. Never rejects. */
  replay(): Promise<void> {
    return this.#replays.replay();
  }

  /** No more timers; what is pending stays so. */
  override stop(): void {
    super.stop();
    this.#replays.stop();
  }

  async #write(
    operation: string,
    invalidation: Invalidation,
    write: () => Promise<unknown>,
    onQueued?: () => void,
  ): Promise<'applied' | 'queued'> {
    if (this.#replays.isDue) await this.replay();
    if (this.pending.size === 0 && this.available) {
      try {
        // A start that takes long costs no write.
        const starting = this.untilStarted(operation);
        if (starting !== undefined) await starting;
        await write();
        this.#replays.confirmed(invalidation);
        return 'applied';
      } catch {
        // Reported by call; it may have been applied or not.
      }
    }
    this.#replays.queue(invalidation);
    onQueued?.();
    return 'queued';
  }

  #readNow(keys: readonly string[]): Promise<readonly (FoundEntry | undefined)[]> {
    if (this.#replays.isDue) void this.replay();
    return this.askMany(
      'getMany',
      keys,
      (key) => key,
      (some, call) => this.read(some, call),
    );
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

function listOf(entry: FoundEntry | undefined): readonly (FoundEntry | undefined)[] {
  return [entry];
}
