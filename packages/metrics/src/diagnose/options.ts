import { checkInteger, checkKnown, toMilliseconds, type Duration } from '@perf/core';
import { resolveThresholds, type DiagnosisThresholds } from './thresholds.ts';

/** Options of {@link diagnose}. */
export interface DiagnosisOptions {
  /** How far back samples count, but for leaks, which all of them tell. @default '1m' */
  readonly window?: Duration | undefined;
  /** How long the samples have to reach back for a verdict. @default '5s' */
  readonly minSpan?: Duration | undefined;
  /** How many there have to be. @default 10 */
  readonly minSamples?: number | undefined;
  /** How long memory has to be watched before it is said to leak: what has just started fills its caches. @default '3m' */
  readonly leakSpan?: Duration | undefined;
  /** What counts as a trouble. */
  readonly thresholds?: Partial<DiagnosisThresholds> | undefined;
}

/** {@link DiagnosisOptions}, checked and completed. */
export interface DiagnosisSettings {
  readonly window: number;
  readonly minSpan: number;
  readonly minSamples: number;
  readonly leakSpan: number;
  readonly thresholds: DiagnosisThresholds;
}

const WHAT = 'diagnose';

/** @throws ConfigError naming the option that is refused */
export function resolveDiagnosis(options: DiagnosisOptions): DiagnosisSettings {
  checkKnown(WHAT, options, ['window', 'minSpan', 'minSamples', 'leakSpan', 'thresholds']);
  const {
    window = '1m',
    minSpan = '5s',
    minSamples = 10,
    leakSpan = '3m',
    thresholds = {},
  } = options;
  return {
    window: toMilliseconds(`${WHAT}.window`, window),
    minSpan: toMilliseconds(`${WHAT}.minSpan`, minSpan),
    minSamples: checkInteger(`${WHAT}.minSamples`, minSamples),
    leakSpan: toMilliseconds(`${WHAT}.leakSpan`, leakSpan),
    thresholds: resolveThresholds(`${WHAT}.thresholds`, thresholds),
  };
}
