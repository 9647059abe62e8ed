import { afterArrivals } from './arrivals.ts';
import type { Clock, TimerOptions } from './clock.ts';
import { TimeoutError } from './errors.ts';

/** A signal together with what releases the listeners and the timer behind it. */
export interface OwnedSignal {
  readonly signal: AbortSignal;
  /** Detaches from the parents and stops the timer. The signal no longer changes. Idempotent. */
  readonly release: () => void;
}

/**
 * A signal that aborts with a {@link TimeoutError} after `timeout` milliseconds, or earlier with the
 * reason of a parent that aborts first. Used instead of `AbortSignal.timeout` (which fake clocks do
 * not move) and `AbortSignal.any` (whose listeners live as long as the longest parent). Keeps the
 * process alive until it aborts or is released, since somebody waits for what it bounds. When the event loop
 * has stood still, what arrived in the meantime is read before it aborts.
 * @param what completes the error's message: "`what` took longer than `timeout` ms"
 * @param timeout `Infinity` for none
 */
export function deadlineSignal(
  clock: Clock,
  what: string,
  timeout: number,
  ...parents: readonly (AbortSignal | undefined)[]
): OwnedSignal {
  const controller = new AbortController();
  const due = clock.now() + timeout;
  let cancelEnd: (() => void) | undefined;
  const timer =
    timeout === Infinity
      ? undefined
      : clock.setTimer(
          () => {
            cancelEnd = afterArrivals(clock, due, () => {
              abort(new TimeoutError(what, timeout));
            });
          },
          timeout,
          { keepAlive: true },
        );
  const listeners: [AbortSignal, () => void][] = [];

  function release(): void {
    timer?.cancel();
    cancelEnd?.();
    for (const [parent, listener] of listeners) parent.removeEventListener('abort', listener);
    listeners.length = 0;
  }
  function abort(reason: unknown): void {
    release();
    controller.abort(reason);
  }

  for (const parent of parents) {
    if (parent === undefined) continue;
    if (parent.aborted) {
      abort(parent.reason);
      break;
    }
    const listener = (): void => {
      abort(parent.reason);
    };
    parent.addEventListener('abort', listener, { once: true });
    listeners.push([parent, listener]);
  }
  return { signal: controller.signal, release };
}

/**
 * What the promise settles with, or a rejection with the signal's reason if that aborts first. The
 * promise itself goes on; its late rejection is not unhandled. No listener is left behind.
 */
export function abortable<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return Promise.resolve(promise);
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
    );
  });
}

/**
 * Resolves after `delay` milliseconds by the clock; rejects with the signal's reason if that aborts
 * first, and the timer is stopped. Keeps the process alive meanwhile, since somebody awaits it, unless
 * it is told not to.
 */
export function sleep(
  clock: Clock,
  delay: number,
  signal?: AbortSignal,
  options: TimerOptions = { keepAlive: true },
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.setTimer(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      delay,
      options,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
