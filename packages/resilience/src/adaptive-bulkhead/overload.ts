import { isTimeout } from '../execution/outcome.ts';
import type { Result } from '../execution/resilience-policy.ts';

/** Whether a call met an overloaded service. One that throws says no, and is reported by
 * `process.emitWarning` as a `PerfClassifierError`. */
export type OverloadClassifier = (outcome: Result<unknown>) => boolean;

/** Too many requests, service unavailable. */
const TURNED_AWAY = new Set([429, 503]);

/** A timeout, or an error or response whose `status` or `statusCode` is 429 or 503. */
export function isOverload(outcome: Result<unknown>): boolean {
  return outcome.ok
    ? hasStatus(outcome.value)
    : isTimeout(outcome.error) || hasStatus(outcome.error);
}

function hasStatus(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false;
  const { status, statusCode } = result as {
    readonly status?: unknown;
    readonly statusCode?: unknown;
  };
  return TURNED_AWAY.has(status as number) || TURNED_AWAY.has(statusCode as number);
}
