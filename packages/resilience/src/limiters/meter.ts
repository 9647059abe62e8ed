import type { Decision } from './rate-limiter.ts';

/**
 * What counts against each slot, and how it fades: the algorithm of a limiter, without keys and waiting. Times are
 * monotonic milliseconds; a clock that goes back makes it stricter, never laxer.
 */
export interface Meter {
  /** The most that can be taken at once. */
  readonly limit: number;
  /** Makes room for slots below `capacity`. New ones are idle. */
  resize(capacity: number): void;
  /** Takes the cost if it is there. Refuses what is no number. */
  take(slot: number, cost: number, now: number): boolean;
  /** What is told when that has just been taken: apart, so that it need not be made where nobody keeps it. */
  admission(slot: number, now: number): Decision;
  /** How much counts against the slot; above {@link limit} while it is blocked or pays off a penalty. */
  used(slot: number, now: number): number;
  /**
   * Milliseconds, in whole ones, so that a clock that goes in whole ones gets there, until the cost is there when `ahead` is taken before it: exact for a token bucket, at least as long as
   * said for a window. `Infinity` when it never is.
   */
  delay(slot: number, cost: number, ahead: number, now: number): number;
  /** Milliseconds until nothing counts against the slot. */
  idleAfter(slot: number, now: number): number;
  isIdle(slot: number, now: number): boolean;
  /** Counts more against the slot, whether it is there or not; or less, but never below nothing. */
  add(slot: number, cost: number, now: number): void;
  block(slot: number, duration: number, now: number): void;
  /** Nothing counts against the slot any more. */
  clear(slot: number): void;
  /** The same counts against `to` as against `from`. */
  copy(from: number, to: number): void;
}
