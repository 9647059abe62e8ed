import type { Clock } from './clock.ts';

/**
 * Ends a wait whose timer has fired: at once if that is on time. Late, the event loop has stood still, and runs timers
 * before it reads what has arrived meanwhile: `end` is then called behind that, so that what came in time is not
 * given up. A `ManualClock` is never late.
 * @param due when the timer was to fire, by `clock.now()`
 * @returns prevents `end` from being called; harmless when it was
 */
export function afterArrivals(clock: Clock, due: number, end: () => void): () => void {
  if (clock.now() <= due) {
    end();
    return () => undefined;
  }
  const turn = setImmediate(end);
  return () => {
    clearImmediate(turn);
  };
}
