import { createDeferred, type Clock, type Deferred, type Timer } from '@perf/core';
import { LoadQueueFullError } from '../errors.ts';
import { currentScope, runInScope, type LoadScope } from './load-scope.ts';
import { watchWaiters, type Waiters } from './waiters.ts';

/** Options of a {@link LoadLimiter}. */
export interface LoadLimiterOptions {
  readonly clock: Clock;
  /** How many loads run at once. */
  readonly limit: number;
  /** How many wait at most. */
  readonly maxWaiting: number;
  /** How long a load that was given up keeps its place if it goes on, in milliseconds. */
  readonly grace: number;
}

/** A load's place among those that run at once. */
export interface LoadPlace {
  /** The load has been given up but goes on: its place is kept until the promise settles. */
  keepUntil(end: Promise<unknown>): void;
}

/**
 * Bounds how many loads run at once; the rest wait in order of arrival. A load started from within
 * a load of the same limiter, or that such a load waits for, does not count: or they could wait for each
 * other for ever.
 */
export class LoadLimiter {
  readonly #options: LoadLimiterOptions;
  /** Turns that are waited for; true when it takes a place. */
  readonly #queue = new Set<Deferred<boolean>>();
  readonly #overdue = new Set<Timer>();
  #running = 0;
  #closed: Error | undefined;

  constructor(options: LoadLimiterOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Runs the load when it is its turn. Rejects, without calling it, with {@link LoadQueueFullError} when
   * too many wait, with the reason of {@link close}, and when it has to wait and nobody waits for it any
   * more, with the reason of the last who did.
   * @param waiters who waits for it, for each key that is loaded
   */
  async run<T>(
    waiters: readonly Waiters[],
    load: (place: LoadPlace) => T | PromiseLike<T>,
  ): Promise<T> {
    const outer = currentScope();
    const counts = this.#isAround(outer) ? false : await this.#enter(waiters);
    // What a load leaves behind (sockets, timers) keeps its context: only a running one counts as inside.
    const scope: LoadScope = { limiter: this, waiters, outer, running: true };
    const leave = (): void => {
      scope.running = false;
      if (counts) this.#leave();
    };
    let end: Promise<unknown> | undefined;
    const place: LoadPlace = {
      keepUntil(promise) {
        end = promise;
      },
    };
    try {
      return await runInScope(scope, load, place);
    } finally {
      if (end === undefined || this.#closed !== undefined) leave();
      else this.#leaveAfter(end, leave);
    }
  }

  /** Rejects all that wait, and whatever comes later. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const turn of this.#queue) turn.reject(reason);
    this.#queue.clear();
    for (const timer of this.#overdue) timer.cancel();
    this.#overdue.clear();
  }

  /** Whether the scope, or one around it, is a load of this limiter. */
  #isAround(scope: LoadScope | undefined): boolean {
    let one = scope;
    while (one !== undefined && one.limiter !== this) one = one.outer;
    return one !== undefined;
  }

  /** Resolves at its turn, to whether the load takes a place. */
  async #enter(waiters: readonly Waiters[]): Promise<boolean> {
    if (this.#closed !== undefined) throw this.#closed;
    const { limit, maxWaiting } = this.#options;
    if (this.#running < limit) {
      this.#running++;
      return true;
    }
    if (this.#queue.size >= maxWaiting) throw new LoadQueueFullError(maxWaiting);
    const turn = createDeferred<boolean>();
    this.#queue.add(turn);
    const stopWatching = watchWaiters(waiters, {
      onAbandon: (reason) => {
        this.#queue.delete(turn);
        turn.reject(reason);
      },
      onJoin: (scope) => {
        if (this.#isAround(scope) && this.#queue.delete(turn)) turn.resolve(false);
      },
    });
    try {
      return await turn.promise;
    } finally {
      stopWatching();
    }
  }

  /** Hands the place to the first in the queue, or frees it. */
  #leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#queue.delete(next);
    next.resolve(true);
  }

  /** When the promise settles, or the time of grace is over. */
  #leaveAfter(end: Promise<unknown>, leave: () => void): void {
    const { clock, grace } = this.#options;
    const leaveOnce = (): void => {
      timer.cancel();
      if (this.#overdue.delete(timer)) leave();
    };
    const timer = clock.setTimer(leaveOnce, grace);
    this.#overdue.add(timer);
    end.then(leaveOnce, leaveOnce);
  }
}
