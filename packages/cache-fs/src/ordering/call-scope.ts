import type { Place } from './fair-lock.ts';

/**
 * The deadline of one call, shared by the operations on its keys: one listener on the caller's
 * signal, however many operations wait.
 */
export class CallScope {
  readonly #signal: AbortSignal;
  readonly #cancels = new Set<(reason: Error) => void>();
  readonly #onAbort = (): void => {
    const cancels = [...this.#cancels];
    this.#cancels.clear();
    for (const cancel of cancels) cancel(this.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    if (!signal.aborted) signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get reason(): Error {
    return this.#signal.reason as Error;
  }

  /** @throws the signal's reason once the deadline has passed */
  check(): void {
    if (this.#signal.aborted) throw this.reason;
  }

  /** Resolves when the place is granted; rejects when the deadline passes first. */
  async granted(place: Place): Promise<void> {
    this.check();
    if (place.granted) return;
    await new Promise<void>((resolve, reject) => {
      this.#cancels.add(reject);
      place.wake = () => {
        this.#cancels.delete(reject);
        resolve();
      };
    });
  }

  /** What the work settles with; the deadline ends the wait, not the work. */
  async until<T>(work: Promise<T>, onAbort?: (reason: Error) => T): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        const cancel = (reason: Error): void => {
          if (onAbort === undefined) {
            reject(reason);
            return;
          }
          try {
            resolve(onAbort(reason));
          } catch (error) {
            reject(error);
          }
        };
        work.then(resolve, reject);
        if (this.aborted) cancel(this.reason);
        else this.#cancels.add(cancel);
      });
    } finally {
      this.release();
    }
  }

  /** Detaches from the signal. {@link until} does it by itself. */
  release(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
