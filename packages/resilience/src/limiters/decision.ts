import type { Decision } from './rate-limiter.ts';

/** All decisions have one shape, so that what reads them stays quick. */
export function decisionOf(
  admitted: boolean,
  limit: number,
  remaining: number,
  retryAfter: number,
  resetAfter: number,
): Decision {
  return { admitted, limit, remaining, retryAfter, resetAfter };
}
