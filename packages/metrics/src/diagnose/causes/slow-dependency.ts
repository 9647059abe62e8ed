import type { OperationStats } from '../../profiler/profile.ts';
import type { Suspicion } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

/** With fewer calls a percentile says little. */
const FEWEST_CALLS = 10;
/** The part of the time for which a process may wait for a processor before its latencies tell more of that than of others. */
const STARVED = 0.1;
/** What takes so much of the time of an operation around it is what that one waits for. */
const MOST_OF_IT = 0.6;

/** Something that is waited for takes long, while the process itself has nothing to do. */
export const slowDependency: Rule = {
  cause: 'slow-dependency',
  inspect(observation) {
    const { breakers } = observation.context;
    const operations = observation.profile.operations.filter(
      ({ recent }) => recent.count >= FEWEST_CALLS,
    );
    if (operations.length === 0 && (breakers ?? []).length === 0) return undefined;
    // Who waits for a processor finds everything slow now and then: then only what mostly is counts.
    const isStarved = observation.sum('cpuWait') > STARVED * observation.span;
    const slow = operations.filter(
      ({ recent }) =>
        (isStarved ? recent.p50 : recent.p95) >= observation.thresholds.latency.warning,
    );
    const innermost = innermostOf(slow);
    return innermost === undefined ? fromBreakers(observation) : [suspect(observation, innermost)];
  },
};

/**
 * The slow operation that the most time goes into, or one that accounts for most of that: operations around others take as long as those, and
 * nothing is wrong with them. The one within takes a little less time in all, and never longer.
 */
function innermostOf(slow: readonly OperationStats[]): OperationStats | undefined {
  const byTime = slow.toSorted((a, b) => timeIn(b) - timeIn(a));
  let found = byTime[0];
  for (const one of byTime) {
    if (
      found !== undefined &&
      timeIn(one) < timeIn(found) &&
      timeIn(one) >= MOST_OF_IT * timeIn(found) &&
      one.recent.max <= found.recent.max
    ) {
      found = one;
    }
  }
  return found;
}

function suspect(
  observation: Observation,
  { component, operation, recent }: OperationStats,
): Suspicion {
  const levels = observation.thresholds.latency;
  const busy = observation.knows('loopUtilization') ? observation.mean('loopUtilization') : 0.5;
  const name = `${component}.${operation}`;
  return {
    cause: 'slow-dependency',
    intensity: intensityOf(recent.p95, levels),
    // A loop that waits is what a slow dependency looks like; one that works may be slow itself.
    confidence: busy < 0.4 ? 0.9 : Math.max(0.3, 1.1 - busy),
    subject: name,
    summary: `${name} takes ${Math.round(recent.p95)} ms (p95) while the event loop is ${Math.round(busy * 100)} % busy`,
    evidence: [
      { what: 'latency, p95', value: recent.p95, unit: 'ms', limit: levels.warning },
      { what: 'latency, median', value: recent.p50, unit: 'ms' },
      { what: 'calls', value: recent.perSecond, unit: '1/s' },
      { what: 'utilization of the event loop', value: busy * 100, unit: '%' },
    ],
    recommendation: {
      setting: `timeout of ${name}`,
      from: undefined,
      to: `${Math.max(10, Math.ceil((recent.p50 * 3) / 10) * 10)} ms, behind a circuit breaker`,
      why: 'the process only waits: look at what is called (its slow query, its load, the network); until it is mended, a timeout and a breaker keep it from holding everything up, a cache spares calls',
    },
    explains: ['pool-exhaustion'],
  };
}

/** Milliseconds of late. */
function timeIn({ recent }: OperationStats): number {
  return recent.mean * recent.count;
}

/** A breaker that counts slow calls has seen them without a profile. */
function fromBreakers({ context, thresholds }: Observation): readonly Suspicion[] {
  return (context.breakers ?? []).flatMap(({ name, window }) => {
    const slow = window?.slowCallRate ?? 0;
    if (window === undefined || window.calls < FEWEST_CALLS || slow < 0.2) return [];
    return [
      {
        cause: 'slow-dependency' as const,
        intensity: slow,
        confidence: 0.8,
        subject: name,
        summary: `${Math.round(slow * 100)} % of the calls under the breaker "${name}" are slow`,
        evidence: [
          { what: 'slow calls', value: slow * 100, unit: '%' as const, limit: 20 },
          { what: 'calls in the window', value: window.calls, unit: 'count' as const },
        ],
        recommendation: {
          setting: `timeout of "${name}"`,
          from: undefined,
          to: `at most ${thresholds.latency.critical} ms`,
          why: 'calls that take long hold up whoever waits for them: look at what is called',
        },
        explains: ['pool-exhaustion' as const],
      },
    ];
  });
}
