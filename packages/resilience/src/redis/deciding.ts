import { decisionOf } from '../limiters/decision.ts';
import type { RateSettings } from '../limiters/options.ts';
import type { Decision } from '../limiters/rate-limiter.ts';

/** How a limiter in Redis comes to its decisions. */
export interface Decider {
  /**
   * Takes the cost, if it is there.
   * @returns `undefined`, at once or later, when Redis does not answer
   */
  decide(key: string, cost: number): Decision | Promise<Decision | undefined> | undefined;
  /** What {@link decide} would say. */
  check(key: string, cost: number): Promise<Decision | undefined> | undefined;
  /** Gives back what was taken for somebody who had gone by then. */
  giveBack(key: string, cost: number): void;
  /** Forgets what is known here of the key: it was changed in Redis. */
  forget(key: string): void;
  /** There may be more for the key than is known here. */
  relax(key: string): void;
  /** Keys that something is known of here. */
  readonly keys: number;
}

/** What is told when so much counts against a key. @param delay until the cost is there; 0 when it is */
export function decisionAt({ rate, burst }: RateSettings, used: number, delay: number): Decision {
  const remaining = Math.max(0, Math.floor(burst - used + ROUNDING));
  return decisionOf(delay === 0, burst, remaining, delay, longest(Math.ceil(used / rate)));
}

/** Milliseconds until the cost is there: at least 1. */
export function delayAt({ rate, burst }: RateSettings, used: number, cost: number): number {
  return Math.max(1, longest(Math.ceil((used + cost - burst) / rate)));
}

/** Of tokens. */
const ROUNDING = 1e-9;
/** In milliseconds. Blocks for good are kept as something that is paid off far beyond it. */
const FOR_EVER = 1e15;

function longest(delay: number): number {
  return delay < FOR_EVER ? delay : Infinity;
}
