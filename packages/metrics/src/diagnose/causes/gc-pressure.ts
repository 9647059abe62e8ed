import type { Recommendation } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

const MB = 1024 * 1024;
/** V8's default on machines of 64 bits. */
const SEMI_SPACE_MB = 16;

/** Much of the time goes into the collection of garbage. */
export const gcPressure: Rule = {
  cause: 'gc-pressure',
  inspect(observation) {
    if (!observation.knows('gcMinorPause')) return undefined;
    const { span, thresholds } = observation;
    const minor = observation.sum('gcMinorPause');
    const major = observation.sum('gcMajorPause') + observation.sum('gcOtherPause');
    const share = (minor + major) / span;
    const levels = thresholds.gcShare;
    if (share < levels.warning) return [];
    const longest = observation.quantile('gcPauseMax', 1);
    const minutes = span / 60_000;
    return [
      {
        cause: 'gc-pressure',
        intensity: intensityOf(share, levels),
        confidence: 0.95,
        subject: undefined,
        summary: `${Math.round(share * 100)} % of the time goes into the collection of garbage, in pauses of up to ${Math.round(longest)} ms`,
        evidence: [
          {
            what: 'time in collections',
            value: share * 100,
            unit: '%',
            limit: levels.warning * 100,
          },
          { what: 'of that in full ones', value: (major / (minor + major)) * 100, unit: '%' },
          { what: 'longest pause', value: longest, unit: 'ms' },
          {
            what: 'small collections',
            value: observation.sum('gcMinorCount') / minutes,
            unit: '1/min',
          },
          {
            what: 'full collections',
            value: observation.sum('gcMajorCount') / minutes,
            unit: '1/min',
          },
        ],
        recommendation: recommend(observation, major > minor),
        explains: ['event-loop-blocked', 'cpu-saturation', 'slow-dependency', 'pool-exhaustion'],
      },
    ];
  },
};

function recommend(observation: Observation, isMostlyFull: boolean): Recommendation {
  const { heap } = observation.profile.limits;
  const used = observation.quantile('heapUsed', 0.9);
  if (isMostlyFull && used > heap * 0.7) {
    return {
      setting: '--max-old-space-size',
      from: Math.round(heap / MB),
      to: Math.round((used / MB) * 2),
      why: `the heap is ${Math.round((used / heap) * 100)} % full, so V8 collects all of it again and again; if it grows without end, mend that first`,
    };
  }
  if (isMostlyFull) {
    return {
      setting: 'large and long-lived allocations',
      from: undefined,
      to: 'reused, or streamed instead of held as a whole',
      why: 'full collections come from objects that live for a while and die: caches without a bound of bytes, big buffers and arrays made anew; a heap profile of some seconds names where they are made',
    };
  }
  return {
    setting: '--max-semi-space-size',
    from: SEMI_SPACE_MB,
    to: SEMI_SPACE_MB * 4,
    why: 'small collections copy what is still alive: with more room for the young they come less often and most has died by then. Also make fewer short-lived objects; a heap profile of some seconds names where',
  };
}
