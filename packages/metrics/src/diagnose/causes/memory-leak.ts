import type { Suspicion } from '../finding.ts';
import { leakSuspicion, type LeakSuspicion } from '../../trends/leak-suspicion.ts';
import type { Series } from '../../trends/series.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

const MB = 1024 * 1024;
/** With so many full collections seen, what they left is a better witness than what was in use at any time. */
const ENOUGH_COLLECTIONS = 12;
/** What a process holds beside the heap settles only a while after its start; milliseconds. */
const NATIVE_SPAN = 60_000;

/** Memory in use grows and is not given back: on V8's heap, or outside of it. */
export const memoryLeak: Rule = {
  cause: 'memory-leak',
  inspect(observation) {
    const { samples, limits } = observation.profile;
    const { time, heapUsed, heapTotal, rss, external } = samples.columns;
    if (watched(time) < observation.leakSpan) return undefined;
    const heap = suspectHeap(observation, { times: time, values: heapUsed });
    if (heap !== undefined) {
      return [leak(observation, heap, "V8's heap", '--max-old-space-size', limits.heap)];
    }
    const outside = rss.map((all, index) => all - (heapTotal[index] ?? Number.NaN));
    const native = leakSuspicion(
      { times: time, values: outside },
      // What the allocator holds back grows for a while after the start without being a leak.
      {
        limit: limits.memory,
        minSpan: Math.max(observation.leakSpan, NATIVE_SPAN),
        minGrowth: 0.1,
      },
    );
    if (native === undefined) return [];
    const buffers = leakSuspicion(
      { times: time, values: external },
      { minSpan: observation.leakSpan },
    );
    const where = buffers === undefined ? 'memory outside of the heap' : 'memory of buffers';
    return [leak(observation, native, where, 'memory limit of the container', limits.memory)];
  },
};

/** The heap after full collections tells it plainly; without enough of them, so does what is in use, for longer. */
function suspectHeap(observation: Observation, inUse: Series): LeakSuspicion | undefined {
  const { heapAfterGc, limits } = observation.profile;
  const options = { limit: limits.heap, minSpan: observation.leakSpan };
  if (
    heapAfterGc.times.length >= ENOUGH_COLLECTIONS &&
    watched(heapAfterGc.times) >= options.minSpan
  ) {
    return leakSuspicion(heapAfterGc, options);
  }
  return leakSuspicion(inUse, options);
}

function watched(times: Float64Array): number {
  return times.length === 0 ? 0 : (times.at(-1) ?? 0) - (times[0] ?? 0);
}

function leak(
  { thresholds }: Observation,
  { slope, confidence, forecast }: LeakSuspicion,
  where: string,
  setting: string,
  limit: number,
): Suspicion {
  const { level, change, span, p } = forecast.trend;
  const levels = thresholds.timeToLimit;
  const perMinute = (slope * 60) / MB;
  // The last collection frees less and less long before the limit: count to nine tenths of it.
  const left = forecast.reachedIn * 0.9;
  const intensity = intensityOf(left, levels);
  return {
    cause: 'memory-leak',
    // It is a leak also where it takes weeks.
    intensity: Math.max(0, Math.min(2, intensity)),
    confidence: Math.max(0.3, intensity < 0 ? confidence - 0.2 : confidence),
    subject: where,
    summary: `${where} grows by ${perMinute.toFixed(1)} MB a minute and has not come to rest${Number.isFinite(left) ? `; its limit is reached in ${inWords(left)}` : ''}`,
    evidence: [
      { what: 'growth', value: perMinute, unit: 'MB/min' },
      { what: 'grown by', value: change / MB, unit: 'MB' },
      { what: 'watched for', value: span / 1000, unit: 's' },
      { what: 'in use', value: level / MB, unit: 'MB' },
      { what: 'limit', value: limit / MB, unit: 'MB' },
      { what: 'time until the limit', value: left / 1000, unit: 's', limit: levels.warning / 1000 },
      { what: 'chance that it only seems so', value: p * 100, unit: '%' },
    ],
    recommendation: {
      setting: `what is kept in ${where}`,
      from: 'unbounded',
      to: 'a bound, such as maxEntries or maxBytes of a cache',
      why: `two heap snapshots some minutes apart show which objects are added; look for maps, listeners and closures that live for ever. A higher ${setting} only buys time`,
    },
    explains: ['gc-pressure', 'event-loop-blocked', 'cpu-saturation'],
  };
}

function inWords(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 1) return `${Math.round(milliseconds / 1000)} s`;
  if (minutes < 120) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
