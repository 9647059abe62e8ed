import type { Profile } from '../profiler/profile.ts';
import { cpuSaturation } from './causes/cpu-saturation.ts';
import { eventLoopBlocked } from './causes/event-loop-blocked.ts';
import { failingDependency } from './causes/failing-dependency.ts';
import { gcPressure } from './causes/gc-pressure.ts';
import { lowHitRate } from './causes/low-hit-rate.ts';
import { memoryLeak } from './causes/memory-leak.ts';
import { poolExhaustion } from './causes/pool-exhaustion.ts';
import type { Rule } from './causes/rule.ts';
import { slowDependency } from './causes/slow-dependency.ts';
import { threadPoolStarvation } from './causes/thread-pool-starvation.ts';
import type { DiagnosisContext } from './context.ts';
import type { Cause, Finding, Suspicion } from './finding.ts';
import { Observation } from './observation.ts';
import { resolveDiagnosis, type DiagnosisOptions } from './options.ts';
import { rankFindings } from './rank-findings.ts';

/** What {@link diagnose} comes to. */
export interface Diagnosis {
  /** The cause to see to first; or that there is none, or that it cannot be told yet. */
  readonly verdict: Cause | 'healthy' | 'not-enough-data';
  /** What was found, what should be seen to first before all others. */
  readonly findings: readonly Finding[];
  /** The causes that could not be judged, since nothing was observed that tells of them: no pools given, a signal switched off. */
  readonly unknown: readonly Cause[];
  /** What limits what can be said, in words. */
  readonly notes: readonly string[];
  /** Milliseconds that the samples cover, and how many there are. */
  readonly span: number;
  readonly samples: number;
}

const RULES: readonly Rule[] = [
  eventLoopBlocked,
  cpuSaturation,
  gcPressure,
  memoryLeak,
  threadPoolStarvation,
  poolExhaustion,
  lowHitRate,
  slowDependency,
  failingDependency,
];
/** The part of the time that a process may wait for a processor without a word about it. */
const OVERCOMMITTED = 0.1;

/**
 * Names what slows a process down, with what speaks for it and the setting to change. Judges what was observed and nothing else: it neither
 * waits nor measures, takes a few milliseconds, and can be given a profile from another thread or process.
 * @param profile of `createProfiler().profile()`
 * @param context `stats()` of pools and caches, snapshots of breakers: what the process does not tell
 * @throws `ConfigError` naming the option that is refused
 * @example
 * const { verdict, findings } = diagnose(profiler.profile(), { pools: [pool.stats()] });
 * if (findings[0] !== undefined) console.warn(verdict, findings[0].summary, findings[0].recommendation);
 */
export function diagnose(
  profile: Profile,
  context: DiagnosisContext = {},
  options: DiagnosisOptions = {},
): Diagnosis {
  const { thresholds, window, minSpan, minSamples, leakSpan } = resolveDiagnosis(options);
  const observation = new Observation(profile, context, thresholds, window, leakSpan);
  const { span, length } = observation;
  const isEnough = span >= minSpan && length >= minSamples;
  const suspicions: Suspicion[] = [];
  const unknown: Cause[] = [];
  for (const rule of RULES) {
    const found =
      isEnough || rule === poolExhaustion || rule === lowHitRate
        ? rule.inspect(observation)
        : undefined;
    if (found === undefined) unknown.push(rule.cause);
    else suspicions.push(...found);
  }
  const findings = rankFindings(suspicions);
  return {
    verdict:
      findings[0]?.cause ??
      (isEnough && unknown.length < RULES.length ? 'healthy' : 'not-enough-data'),
    findings,
    unknown,
    notes: notesOn(observation, isEnough, minSpan, minSamples),
    span,
    samples: length,
  };
}

function notesOn(
  observation: Observation,
  isEnough: boolean,
  minSpan: number,
  minSamples: number,
): readonly string[] {
  const notes: string[] = [];
  const { length, span } = observation;
  if (!isEnough) {
    notes.push(
      `${length} samples of ${Math.round(span / 1000)} s are too few for a verdict: it takes ${minSamples} of ${Math.round(minSpan / 1000)} s`,
    );
  }
  const waited = observation.sum('cpuWait') / span;
  if (waited > OVERCOMMITTED) {
    notes.push(
      `for ${Math.round(waited * 100)} % of the time the process was ready to run and had no processor: others use the machine`,
    );
  }
  return notes;
}
