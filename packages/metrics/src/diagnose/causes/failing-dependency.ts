import type { Suspicion } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

/** With fewer calls a rate says little. */
const FEWEST_CALLS = 20;

/** Something that is called fails. */
export const failingDependency: Rule = {
  cause: 'failing-dependency',
  inspect(observation) {
    const { operations } = observation.profile;
    const breakers = observation.context.breakers ?? [];
    if (breakers.length === 0 && operations.every(({ recent }) => recent.count < FEWEST_CALLS)) {
      return undefined;
    }
    const fromOperation = worstOperation(observation);
    return [...openBreakers(observation), ...(fromOperation === undefined ? [] : [fromOperation])];
  },
};

function openBreakers({ context }: Observation): readonly Suspicion[] {
  return (context.breakers ?? []).flatMap(({ name, state, window }) =>
    state === 'closed'
      ? []
      : [
          {
            cause: 'failing-dependency' as const,
            intensity: state === 'half-open' ? 0.5 : 1,
            confidence: 0.95,
            subject: name,
            summary: `the circuit breaker "${name}" is ${state}: calls are refused`,
            evidence: [
              { what: `breaker is ${state}`, value: 1, unit: 'count' as const },
              ...(window === undefined
                ? []
                : [
                    { what: 'failed', value: window.failureRate * 100, unit: '%' as const },
                    { what: 'slow', value: window.slowCallRate * 100, unit: '%' as const },
                  ]),
            ],
            recommendation:
              state === 'isolated'
                ? {
                    setting: `isolation of the breaker "${name}"`,
                    from: 'isolated by hand',
                    to: 'released',
                    why: 'it stays so until its `release` or `reset` is called',
                  }
                : {
                    setting: `what is behind "${name}"`,
                    from: undefined,
                    to: 'answering again; a fallback meanwhile',
                    why: 'the breaker closes by itself once probes succeed; callers get a fallback or a quick error until then',
                  },
            explains: ['slow-dependency' as const],
          },
        ],
  );
}

function worstOperation({ profile, thresholds }: Observation): Suspicion | undefined {
  const levels = thresholds.errorRate;
  const worst = profile.operations
    .filter(({ recent }) => recent.count >= FEWEST_CALLS)
    .map(({ component, operation, recent }) => ({
      name: `${component}.${operation}`,
      rate: recent.errors / recent.count,
      recent,
    }))
    .toSorted((a, b) => b.rate - a.rate || a.recent.mean - b.recent.mean)[0];
  if (worst === undefined || worst.rate < levels.warning) return undefined;
  return {
    cause: 'failing-dependency',
    intensity: intensityOf(worst.rate, levels),
    confidence: 0.9,
    subject: worst.name,
    summary: `${Math.round(worst.rate * 100)} % of the calls of ${worst.name} fail`,
    evidence: [
      { what: 'failed', value: worst.rate * 100, unit: '%', limit: levels.warning * 100 },
      { what: 'calls', value: worst.recent.count, unit: 'count' },
    ],
    recommendation: {
      setting: `calls of ${worst.name}`,
      from: undefined,
      to: 'behind a circuit breaker and a retry with a budget',
      why: 'the errors tell what is wrong with what is called; a breaker keeps the failing from costing time, a retry helps only with what passes',
    },
    explains: [],
  };
}
