import { abortable, deadlineSignal, type Clock, type Policy } from '@perf/core';
import type { OpenNews } from '../bus/announcer.ts';
import type { CacheStore, StoreCall } from '../contracts/cache-store.ts';
import { StoreUnavailableError } from '../errors.ts';
import { checkAnswers, slicesOf } from './batches.ts';
import { CallQueue } from './call-queue.ts';
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
export interface StoreCallsOptions {
  readonly clock: Clock;
  /** Milliseconds that one store call may take. */
  readonly timeout: number;
  /** Replaces the built-in cool-off. */
  readonly policy: Policy | undefined;
  /** For a store that announces what it writes: the news of each call. */
  readonly news?: (() => OpenNews) | undefined;
  readonly onError: (operation: string, error: StoreUnavailableError) => void;
  readonly onStateChange: (available: boolean) => void;
}

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
  async call<T>(
    operation: string,
    run: (call: StoreCall) => Promise<T>,
    weight: number = 1,
    failure: 'pause' | 'report' = 'pause',
  ): Promise<T> {
    if (!this.available) throw new StoreUnavailableError(this.store.name, operation);
    const starting = this.untilStarted(operation, this.#patience);
    if (starting !== undefined) await starting;
    if (!this.#queue.tryEnter(weight)) await this.#turn(operation, weight);
    this.#spend(weight / SHARE.keys);
    try {
      return await this.#attempt(operation, run);
    } catch (error) {
      if (failure === 'pause') this.#failed();
      throw error;
    } finally {
      this.#queue.leave(weight);
    }
  }

  /**
   * Calls for many items, in as few calls as their number allows. One answer for each item, in order;
   * `undefined` for those whose call failed, which is reported. Never rejects.
   */
  async callMany<Item, Answer>(
    operation: string,
    items: readonly Item[],
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly (Answer | undefined)[]>,
  ): Promise<readonly (Answer | undefined)[]> {
    const settled = await this.#callSlices(operation, items, run);
    return settled.flatMap(({ some, result }) =>
      result.status === 'fulfilled' ? result.value : some.map(() => undefined),
    );
  }

  /** As {@link callMany}, but rejects with the first failure, once every call has ended. */
  async callAll<Item, Answer>(
    operation: string,
    items: readonly Item[],
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    const settled = await this.#callSlices(operation, items, run);
    return settled.flatMap(({ result }) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  /** Work whose failure, or length, says nothing about the store; it is only reported. Never rejects. */
  async housekeep(operation: string, run: (call: StoreCall) => Promise<unknown>): Promise<void> {
    if (!this.available) return;
    try {
      await this.untilStarted(operation);
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

  async #callSlices<Item, Answer>(
    operation: string,
    items: readonly Item[],
    run: (some: readonly Item[], call: StoreCall) => Promise<readonly Answer[]>,
  ): Promise<
    readonly {
      readonly some: readonly Item[];
      readonly result: PromiseSettledResult<readonly Answer[]>;
    }[]
  > {
    const slices = slicesOf(items, this.keysPerCall);
    const results = await Promise.allSettled(
      slices.map((some) =>
        this.call(
          operation,
          async (call) => checkAnswers(operation, await run(some, call), some.length),
          some.length,
        ),
      ),
    );
    return slices.map((some, index) => ({
      some,
      result: results[index] as PromiseSettledResult<readonly Answer[]>,
    }));
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

  /** Bounded, through the policy if there is one, counted and reported when it fails. */
  async #attempt<T>(operation: string, run: (call: StoreCall) => Promise<T>): Promise<T> {
    const { policy } = this.#options;
    try {
      return await (policy === undefined
        ? this.#bounded(run, undefined)
        : policy.execute(({ signal }) => this.#bounded(run, signal)));
    } catch (cause) {
      throw this.#report(operation, cause);
    }
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

  async #bounded<T>(
    run: (call: StoreCall) => Promise<T>,
    parent: AbortSignal | undefined,
  ): Promise<T> {
    const { clock, timeout } = this.#options;
    const deadline = deadlineSignal(clock, 'the call (storeTimeout)', timeout, parent);
    const open = this.#options.news?.();
    const { signal } = deadline;
    try {
      const began = clock.now();
      const answer = run(open === undefined ? { signal } : { signal, news: open.news });
      this.#spend((clock.now() - began) / SHARE.time);
      // A store that ignores its signal is not waited for either.
      return await abortable(answer, signal);
    } finally {
      deadline.release();
      open?.end();
    }
  }

  async #probe(): Promise<boolean> {
    try {
      await this.#start.wait();
      const health = await this.#bounded((call) => this.store.health(call), undefined);
      return health.healthy;
    } catch {
      // It does not answer yet: that was reported when it began.
      return false;
    }
  }
}
