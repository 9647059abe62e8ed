import { ADJUSTING_CHECKS } from './limiter-suite/adjusting.ts';
import { COST_CHECKS, DECISION_CHECKS } from './limiter-suite/decisions.ts';
import { LAW_CHECKS, SHARED_CHECKS } from './limiter-suite/law.ts';
import type { LimiterCheck, LimiterTraits } from './limiter-suite/limiter-check.ts';
import { ABORT_CHECKS, WAITING_CHECKS } from './limiter-suite/waiting.ts';

/** The facts that have to hold for a limiter, for use with any test runner through `runLimiterCheck`. */
export function rateLimiterChecks(traits: LimiterTraits = {}): readonly LimiterCheck[] {
  return [
    ...DECISION_CHECKS,
    ...COST_CHECKS,
    ...WAITING_CHECKS,
    ...ABORT_CHECKS,
    ...ADJUSTING_CHECKS,
    ...LAW_CHECKS,
    ...(traits.shared === true ? SHARED_CHECKS : []),
  ];
}
