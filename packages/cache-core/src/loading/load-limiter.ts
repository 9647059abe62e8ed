import { AsyncLocalStorage } from 'node:async_hooks';
import { createDeferred, type Clock, type Deferred, type Timer } from '@perf/core';
import { LoadQueueFullError } from '../errors.ts';

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

/** A load under way, with the one that it was started from. */
interface Scope {
  readonly limiter: LoadLimiter;
  readonly keys: readonly string[];
  outer: Scope | undefined;
  running: boolean;
}

/** A load's place among those that run at once. */
export interface LoadPlace {
  /** The load has been given up but goes on: its place is kept until the promise settles. */
  keepUntil(end: Promise<unknown>): void;
}

// One for all limiters: Node keeps every storage that was ever used, and asks each at every promise.
const scopes = new AsyncLocalStorage<Scope>();

/**
 * Bounds how many loads run at once; the rest wait in order of arrival. A load started from within
 * a load of the same limiter does not count, or nested loads could wait for each other for ever.
 */
export class LoadLimiter {
  readonly #options: LoadLimiterOptions;
  readonly #queue = new Set<Deferred<void>>();
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
   * too many wait and with the reason of {@link close}.
   * @param keys what is loaded
   */
  async run<T>(
    keys: readonly string[],
    load: (place: LoadPlace) => T | PromiseLike<T>,
  ): Promise<T> {
    const outer = nearestRunning(scopes.getStore());
    const isNested = this.#loadAround(outer) !== undefined;
    if (!isNested) await this.#enter();
    // What a load leaves behind (sockets, timers) keeps its context: only a running one counts as inside.
    const scope: Scope = { limiter: this, keys, outer, running: true };
    const leave = (): void => {
      scope.running = false;
      if (!isNested) this.#leave();
    };
    let end: Promise<unknown> | undefined;
    const place: LoadPlace = {
      keepUntil(promise) {
        end = promise;
      },
    };
    try {
      return await scopes.run(scope, load, place);
    } finally {
      if (end === undefined || this.#closed !== undefined) leave();
      else this.#leaveAfter(end, leave);
    }
  }

  /** Whether the caller is part of a load of the key that is under way. */
  isWithin(key: string): boolean {
    let scope = this.#loadAround(nearestRunning(scopes.getStore()));
    while (scope !== undefined && !scope.keys.includes(key)) scope = this.#loadAround(scope.outer);
    return scope !== undefined;
  }

  /** Rejects all that wait, and whatever comes later. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const turn of this.#queue) turn.reject(reason);
    this.#queue.clear();
    for (const timer of this.#overdue) timer.cancel();
    this.#overdue.clear();
  }

  /** The innermost scope, from this one outwards, that is a load of this limiter. */
  #loadAround(scope: Scope | undefined): Scope | undefined {
    let one = scope;
    while (one !== undefined && one.limiter !== this) one = one.outer;
    return one;
  }

  async #enter(): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed;
    const { limit, maxWaiting } = this.#options;
    if (this.#running < limit) {
      this.#running++;
      return;
    }
    if (this.#queue.size >= maxWaiting) throw new LoadQueueFullError(maxWaiting);
    const turn = createDeferred();
    this.#queue.add(turn);
    await turn.promise;
  }

  /** Hands the place to the first in the queue, or frees it. */
  #leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#queue.delete(next);
    next.resolve();
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

/** The innermost scope that is still running; those that ended are taken out of the chain. */
function nearestRunning(scope: Scope | undefined): Scope | undefined {
  let first = scope;
  while (first?.running === false) first = first.outer;
  for (let one = first; one?.outer !== undefined;) {
    if (one.outer.running) one = one.outer;
    else one.outer = one.outer.outer;
  }
  return first;
}
