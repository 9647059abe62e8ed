import { AsyncLocalStorage } from 'node:async_hooks';

interface Waiter {
  readonly start: () => void;
}

/** A load under way, with the one that it was started from. */
interface Scope {
  readonly limiter: LoadLimiter;
  outer: Scope | undefined;
  running: boolean;
}

// One for all limiters: Node keeps every storage that was ever used, and asks each at every promise.
const scopes = new AsyncLocalStorage<Scope>();

/**
 * Bounds how many loads run at once; the rest wait in order of arrival. A load started from within
 * a load of the same limiter does not count, or nested loads could wait for each other for ever.
 */
export class LoadLimiter {
  readonly #limit: number;
  readonly #queue = new Set<Waiter>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Rejects with the signal's reason if it aborts while waiting; `load` is not called then. */
  async run<T>(load: () => T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
    const outer = nearestRunning(scopes.getStore());
    if (this.#holds(outer)) return load();
    if (this.#running >= this.#limit) await this.#enqueue(signal);
    else this.#running++;
    // What a load leaves behind (sockets, timers) keeps its context: only a running one counts as inside.
    const scope: Scope = { limiter: this, outer, running: true };
    try {
      signal.throwIfAborted();
      return await scopes.run(scope, load);
    } finally {
      scope.running = false;
      this.#leave();
    }
  }

  /** Whether the scope, or one around it, is a load of this limiter. */
  #holds(scope: Scope | undefined): boolean {
    for (let one = scope; one !== undefined; one = one.outer) if (one.limiter === this) return true;
    return false;
  }

  #enqueue(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
    });
  }

  /** Hands the place to the first in the queue, or frees it. */
  #leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#queue.delete(next);
    next.start();
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
