import { AsyncLocalStorage } from 'node:async_hooks';

interface Waiter {
  readonly start: () => void;
}

/**
 * Bounds how many loads run at once; the rest wait in order of arrival. A load started from within
 * a load of the same limiter does not count, or nested loads could wait for each other for ever.
 */
export class LoadLimiter {
  readonly #limit: number;
  readonly #inside = new AsyncLocalStorage<{ running: boolean }>();
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
    if (this.#inside.getStore()?.running === true) return load();
    if (this.#running >= this.#limit) await this.#enqueue(signal);
    else this.#running++;
    // What a load leaves behind (sockets, timers) keeps its context: only a running one counts as inside.
    const scope = { running: true };
    try {
      signal.throwIfAborted();
      return await this.#inside.run(scope, load);
    } finally {
      scope.running = false;
      this.#leave();
    }
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
