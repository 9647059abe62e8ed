import { checkKnown, checkNumber, ConfigError } from '@perf/core';

/** From where on something is a trouble, and from where on a bad one. */
export interface Levels {
  readonly warning: number;
  readonly critical: number;
}

/** What counts as a trouble. */
export interface DiagnosisThresholds {
  /** Processor time, as a part of what the process may have. @default { warning: 0.8, critical: 0.95 } */
  readonly cpu: Levels;
  /** Milliseconds for which the event loop stands still at a time. @default { warning: 50, critical: 200 } */
  readonly loopDelay: Levels;
  /** The part of time that collections of garbage take. @default { warning: 0.05, critical: 0.15 } */
  readonly gcShare: Levels;
  /** Milliseconds until memory is used up, at the rate at which it grows. @default { warning: 24 hours, critical: 1 hour } */
  readonly timeToLimit: Levels;
  /** Milliseconds that a trivial file operation takes. @default { warning: 20, critical: 100 } */
  readonly threadPoolDelay: Levels;
  /** Milliseconds that callers wait for a pool (p95). @default { warning: 50, critical: 500 } */
  readonly poolWait: Levels;
  /** The part of look-ups that a cache answers. @default { warning: 0.7, critical: 0.4 } */
  readonly hitRate: Levels;
  /** Milliseconds that an operation takes (p95). @default { warning: 150, critical: 1000 } */
  readonly latency: Levels;
  /** The part of an operation's calls that fail. @default { warning: 0.05, critical: 0.25 } */
  readonly errorRate: Levels;
}

const HOUR = 3_600_000;

const DEFAULTS: DiagnosisThresholds = {
  cpu: { warning: 0.8, critical: 0.95 },
  loopDelay: { warning: 50, critical: 200 },
  gcShare: { warning: 0.05, critical: 0.15 },
  timeToLimit: { warning: 24 * HOUR, critical: HOUR },
  threadPoolDelay: { warning: 20, critical: 100 },
  poolWait: { warning: 50, critical: 500 },
  hitRate: { warning: 0.7, critical: 0.4 },
  latency: { warning: 150, critical: 1000 },
  errorRate: { warning: 0.05, critical: 0.25 },
};
/** Where less is worse. */
const FALLING: ReadonlySet<string> = new Set(['timeToLimit', 'hitRate']);

/** @throws ConfigError naming the one that is refused */
export function resolveThresholds(
  option: string,
  given: Partial<DiagnosisThresholds>,
): DiagnosisThresholds {
  const names = Object.keys(DEFAULTS) as (keyof DiagnosisThresholds)[];
  checkKnown(option, given, names);
  const resolved: Partial<Record<keyof DiagnosisThresholds, Levels>> = {};
  for (const name of names) {
    resolved[name] = checkLevels(
      `${option}.${name}`,
      given[name] ?? DEFAULTS[name],
      FALLING.has(name),
    );
  }
  return resolved as DiagnosisThresholds;
}

function checkLevels(option: string, levels: Levels, isFalling: boolean): Levels {
  checkKnown(option, levels, ['warning', 'critical']);
  const warning = checkNumber(`${option}.warning`, levels.warning, 0, Number.MAX_VALUE);
  const critical = checkNumber(`${option}.critical`, levels.critical, 0, Number.MAX_VALUE);
  if (isFalling ? critical >= warning : critical <= warning) {
    throw new ConfigError(
      `${option}.critical`,
      critical,
      isFalling ? `below the warning, ${warning}` : `above the warning, ${warning}`,
    );
  }
  return { warning, critical };
}

/**
 * Where a value stands between two levels: below 0 it is well, at 0 the warning is reached, at 1 the critical level; by ratios, since
 * levels are mostly multiples of each other.
 */
export function intensityOf(value: number, { warning, critical }: Levels): number {
  const least = Number.MIN_VALUE;
  return (
    Math.log(Math.max(value, least) / Math.max(warning, least)) /
    Math.log(Math.max(critical, least) / Math.max(warning, least))
  );
}
