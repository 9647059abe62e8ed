import type { CacheStore, StoreCall } from '../../contracts/cache-store.ts';
import { StoreUnavailableError } from '../../errors.ts';
import { checkAnswers, slicesOf } from './batches.ts';
import { CallQueue } from './call-queue.ts';
import { CallRunner, type CallRunnerOptions } from './call-runner.ts';
import { CoolOff } from './cool-off.ts';
import { createStoreCounters, type StoreCounters } from './store-counters.ts';
import { StoreStart } from './store-start.ts';

/** How many keys one call concerns at most: as many as a request has room for, or as a turn has time for. */
const KEYS_PER_CALL = { network: 500, local: 64 };
/** How many keys the calls under way concern at most. */
const KEYS_UNDER_WAY = { network: 10_000, local: 64 };
/** How many calls wait for their turn at most. */
const MOST_WAITING = 10_000;
/** How long a call waits for its turn at most, in store timeouts. */
const LONGEST_WAIT = 10;
/** What a blocking store may take of one turn of the event loop: milliseconds, and keys, each of which is more work elsewhere. */
const SHARE = { time: 4, keys: 64 };

/** What {@link StoreCalls} need beside their store. */
export interface StoreCallsOptions extends Omit<CallRunnerOptions, 'onBlocked'> {
  readonly onError: (operation: string, error: StoreUnavailableError) => void;
  readonly onStateChange: (available: boolean) => void;
}

/** What a failed call does beside being reported. */
type OnFailure = 'pause' | 'report';

const NO_ANSWERS: Promise<readonly never[]> = Promise.resolve([]);

/**
 * The calls of one store: each is bounded in time, and they are in number and size; after trouble the
 * store is left alone instead of being waited for again and again.
 */
export class StoreCalls {
  readonly store: CacheStore;
  /** How many keys one call concerns at most. */
  readonly keysPerCall: number;
  readonly counters: StoreCounters = createStoreCounters();
  readonly #options: StoreCallsOptions;
  readonly #coolOff: CoolOff;
  readonly #queue: CallQueue;
  readonly #start: StoreStart;
  readonly #runner: CallRunner;
  #stopped = false;

  constructor(store: CacheStore, options: StoreCallsOptions) {
    this.store = store;
    this.#options = options;
    const { scope, blocking } = store.capabilities;
    const reach = scope === 'network' ? 'network' : 'local';
    this.keysPerCall = KEYS_PER_CALL[reach];
    this.#queue = new CallQueue({
      clock: options.clock,
      // One that blocks is done with a call before the next one can begin.
      capacity: blocking ? 1 : KEYS_UNDER_WAY[reach],
      maxWaiting: MOST_WAITING,
      maxWait: LONGEST_WAIT * options.timeout,
    });
    this.#start = new StoreStart(store, options.clock);
    this.#runner = new CallRunner({
      ...options,
      onBlocked: blocking
        ? (duration) => {
            this.#spend(duration / SHARE.time);
          }
        : undefined,
    });
    this.#coolOff = new CoolOff({
      clock: options.clock,
      callTimeout: options.timeout,
      probe: () => this.#probe(),
      onChange: (open) => {
        if (!open) this.#queue.abandon(new StoreUnavailableError(store.name, 'wait'));
        options.onStateChange(open);
      },
    });
  }

  /** Whether calls are sent now, or the store is being left alone. */
  get available(): boolean {
    return this.#coolOff.open;
  }

  /**
   * One bounded call, when the store has started and it is its turn. Rejects with
   * {@link StoreUnavailableError} when the store failed, did not start, did not answer in time or is being
   * left alone, and when its turn does not come.
   * @param weight how many keys it concerns
   * @param failure whether the store is left alone when the call fails, or that is only reported: what is
   * tried again by itself, and fails for a reason of its own, takes no other call away
   */
  call<T>(
    operation: string,
    run: (call: StoreCall) => Promise<T>,
    weight: number = 1,
    failure: OnFailure = 'pause',
  ): Promise<T> {
    if (!this.available) {
      return Promise.reject(new StoreUnavailableError(this.store.name, operation));
    }
    const starting = this.untilStarted(operation, this.#patience);
    if (starting === undefined && this.#queue.tryEnter(weight)) {
      return this.#callNow(operation, run, weight, failure);
    }
    return this.#callLater(operation, run, weight, failure, starting);
  }

  /**
   * Calls for many items, in as few calls as their number allows. One answer for each item, in order;
   * `undefined` for those whose call failed, which is reported. Never rejects.
   */
  callMany<Item, Answer>(
    operation: string,
    items: readonly Item[],
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly (Answer | undefined)[]>,
  ): Promise<readonly (Answer | undefined)[]> {
    const slices = slicesOf(items, this.keysPerCall).map((some) =>
      this.#callSlice(operation, some, run).catch(() => some.map(() => undefined)),
    );
    const [slice = NO_ANSWERS] = slices;
    return slices.length <= 1 ? slice : Promise.all(slices).then((answers) => answers.flat());
  }

  /** As {@link callMany}, but rejects with the first failure, once every call has ended. */
  callAll<Item, Answer>(
    operation: string,
    items: readonly Item[],
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    const slices = slicesOf(items, this.keysPerCall).map((some) =>
      this.#callSlice(operation, some, run),
    );
    const [slice = NO_ANSWERS] = slices;
    if (slices.length <= 1) return slice;
    return Promise.allSettled(slices).then((settled) =>
      settled.flatMap((one) => {
        if (one.status === 'rejected') throw one.reason;
        return one.value;
      }),
    );
  }

  /** Work whose failure, or length, says nothing about the store; it is only reported. Never rejects. */
  async housekeep(operation: string, run: (call: StoreCall) => Promise<unknown>): Promise<void> {
    if (!this.available) return;
    try {
      await this.untilStarted(operation);
    } catch {
      // Reported.
      return;
    }
    await this.#runner.run(run).catch((cause: unknown) => this.#report(operation, cause));
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
      await this.untilStarted('keys');
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

  /** No more timers; who waits for a turn is refused. */
  stop(): void {
    this.#stopped = true;
    this.#start.stop();
    this.#queue.abandon(new StoreUnavailableError(this.store.name, 'close'));
    this.#coolOff.stop();
  }

  #callSlice<Item, Answer>(
    operation: string,
    some: readonly Item[],
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    return this.call(
      operation,
      (call) =>
        Promise.resolve(run(some, call)).then((answers) =>
          checkAnswers(operation, answers, some.length),
        ),
      some.length,
    );
  }

  async #callLater<T>(
    operation: string,
    run: (call: StoreCall) => Promise<T>,
    weight: number,
    failure: OnFailure,
    starting: Promise<void> | undefined,
  ): Promise<T> {
    if (starting !== undefined) await starting;
    if (!this.#queue.tryEnter(weight)) await this.#turn(operation, weight);
    return this.#callNow(operation, run, weight, failure);
  }

  /** A call that has entered the queue. */
  #callNow<T>(
    operation: string,
    run: (call: StoreCall) => Promise<T>,
    weight: number,
    failure: OnFailure,
  ): Promise<T> {
    this.#spend(weight / SHARE.keys);
    return this.#runner.run(run).then(
      (answer) => {
        this.#queue.leave(weight);
        return answer;
      },
      (cause: unknown) => {
        const error = this.#report(operation, cause);
        if (failure === 'pause') this.#failed();
        this.#queue.leave(weight);
        throw error;
      },
    );
  }

  /**
   * `undefined` unless the store is starting: only then it costs a call a turn of its own. Rejects with
   * {@link StoreUnavailableError} when it cannot start, and when that takes longer than `patience`.
   * @param patience how long after the start has begun it is waited for, in milliseconds
   */
  protected untilStarted(
    operation: string,
    patience: number = Infinity,
  ): Promise<void> | undefined {
    const starting = this.#start.wait(patience);
    return starting === undefined ? undefined : this.#whileStarting(operation, starting);
  }

  async #whileStarting(
    operation: string,
    starting: Promise<Error | 'started' | 'too late'>,
  ): Promise<void> {
    let outcome;
    try {
      outcome = await starting;
    } catch (error) {
      if (error instanceof StoreUnavailableError && this.#stopped) throw error;
      this.#failed();
      throw this.#report(operation, error);
    }
    // It may still start in time for those who wait longer.
    if (outcome instanceof Error) throw this.#report(operation, outcome);
    if (outcome === 'too late' || !this.available) {
      throw new StoreUnavailableError(this.store.name, operation);
    }
  }

  /**
   * What starts on this host comes, and is waited for; a connection may not, and whoever can do without the
   * store does so.
   */
  get #patience(): number {
    return this.store.capabilities.scope === 'network' ? this.#options.timeout : Infinity;
  }

  #failed(): void {
    if (this.#options.policy === undefined && !this.#stopped) this.#coolOff.failed();
  }

  /** Waits for the call's turn. */
  async #turn(operation: string, weight: number): Promise<void> {
    try {
      await this.#queue.enter(weight);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      throw this.#report(operation, error);
    }
  }

  #spend(share: number): void {
    if (this.store.capabilities.blocking) this.#queue.spend(share);
  }

  #report(operation: string, cause: unknown): StoreUnavailableError {
    // The store's own error says all; another around it would say it twice.
    const error =
      cause instanceof StoreUnavailableError && cause.store === this.store.name
        ? cause
        : new StoreUnavailableError(this.store.name, operation, { cause });
    this.counters.errors++;
    this.#options.onError(operation, error);
    return error;
  }

  async #probe(): Promise<boolean> {
    try {
      await this.#start.wait();
      const health = await this.#runner.runNow((call) => this.store.health(call));
      return health.healthy;
    } catch {
      // It does not answer yet: that was reported when it began.
      return false;
    }
  }
}
