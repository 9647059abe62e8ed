import { abortable } from '@perf/core';
import type { StoreCall } from '@perf/cache-core';

/** Whether nobody waits for the call any more. */
export function isGivenUp(call: StoreCall): boolean {
  return call.isGivenUp === undefined ? call.signal.aborted : call.isGivenUp();
}

/** Rejects with the signal's reason when it aborts, unless who calls sees to that. */
export function untilGivenUp<T>(answer: Promise<T>, call: StoreCall): Promise<T> {
  return call.isGivenUp === undefined ? abortable(answer, call.signal) : answer;
}
