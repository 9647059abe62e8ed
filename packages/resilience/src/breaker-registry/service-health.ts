import type { BreakerState, CircuitBreakerSnapshot } from '../circuit-breaker/telemetry.ts';
import type { FailureDetector } from './correlation/failure-detector.ts';
import type { Incident } from './correlation/failure-correlation.ts';
import type { ServiceHealth } from './telemetry.ts';

/** Below it, a score tells that something is amiss; below the second, that nothing much works. */
const HEALTHY = 0.95;
const FAILING = 0.5;
/** What a breaker that tries whether its service works again is worth. */
const TRYING = 0.25;
/** What a slow call is worth, against one that fails. */
const SLOW = 0.5;
/** A part of the calls that is worth telling. */
const NOTABLE = 0.05;

/** Judges a service by its breaker and by its calls. */
export function serviceHealth(
  breaker: CircuitBreakerSnapshot,
  { detector, kind }: { readonly detector: FailureDetector; readonly kind: string | undefined },
  incident: Incident | undefined,
  now: number,
): ServiceHealth {
  const { state, window } = breaker;
  const failureRate = Math.max(detector.recent, window.failureRate);
  const failingFor = detector.isFailing ? now - detector.since : undefined;
  const reasons: string[] = [];
  if (state === 'open') {
    reasons.push(`its breaker is open for another ${Math.ceil(breaker.retryAfter)} ms`);
  }
  if (state === 'isolated') reasons.push('its breaker is isolated');
  if (state === 'half-open') reasons.push('its breaker tries whether it works again');
  if (state === 'closed' && breaker.admitted < 1) {
    reasons.push(`it recovers: ${percent(breaker.admitted)} of its calls are let through`);
  }
  if (failingFor !== undefined) {
    reasons.push(`it has been failing for ${Math.round(failingFor)} ms, with ${kind ?? 'unknown'}`);
  }
  if (failureRate >= NOTABLE) reasons.push(`${percent(failureRate)} of the last calls failed`);
  if (window.slowCallRate >= NOTABLE) {
    reasons.push(`${percent(window.slowCallRate)} of the last calls were slow`);
  }
  if (incident !== undefined) reasons.push(withWhom(breaker.name, incident));
  const score = scoreOf(breaker, failureRate);
  return {
    service: breaker.name,
    status: statusOf(state, score, failingFor !== undefined),
    score,
    reasons,
    state,
    failureRate,
    failingFor,
    incident: incident?.id,
  };
}

function scoreOf({ state, admitted, window }: CircuitBreakerSnapshot, failureRate: number): number {
  if (state === 'open' || state === 'isolated') return 0;
  if (state === 'half-open') return TRYING;
  return Math.max(0, 1 - failureRate - window.slowCallRate * SLOW) * Math.max(TRYING, admitted);
}

function statusOf(state: BreakerState, score: number, isFailing: boolean): ServiceHealth['status'] {
  if (state === 'half-open') return 'degraded';
  if (score < FAILING) return 'failing';
  return score < HEALTHY || isFailing ? 'degraded' : 'healthy';
}

function withWhom(name: string, { services }: Incident): string {
  const others = services.map((service) => service.name).filter((other) => other !== name);
  return `it began to fail together with ${others.join(', ')}`;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
