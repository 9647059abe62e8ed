import type { Clock } from '@perf/core';
import type { OperationRecord } from './operation-record.ts';

/** Runs the function and puts to the record when it has ended, and how: by a return, an error, or what its promise settles with. */
export function measureCall<T>(record: OperationRecord, clock: Clock, fn: () => T): T {
  const start = clock.now();
  record.begin();
  let result: T;
  try {
    result = fn();
  } catch (error) {
    record.end(start, clock.now(), true);
    throw error;
  }
  if (!isThenable(result)) {
    record.end(start, clock.now(), false);
    return result;
  }
  // A foreign `then` may throw, or call back twice. What ours returns goes to the caller: a rejection that nobody handles stays one.
  const promise = result instanceof Promise ? result : Promise.resolve(result);
  return promise.then(
    (value) => {
      record.end(start, clock.now(), false);
      return value;
    },
    (error: unknown) => {
      record.end(start, clock.now(), true);
      throw error;
    },
  ) as T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
