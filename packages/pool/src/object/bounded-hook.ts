import { TimeoutError, type Clock } from '@perf/core';

/** Whether it has to be awaited. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}

/** What a user's function settles with, or a {@link TimeoutError}; its later rejection is not unhandled. */
export function boundedHook<T>(
  clock: Clock,
  what: string,
  timeout: number,
  result: PromiseLike<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimer(() => {
      reject(new TimeoutError(what, timeout));
    }, timeout);
    result.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
