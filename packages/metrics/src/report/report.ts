import { checkInteger, checkKnown, toMilliseconds } from '@perf/core';
import type { Alert } from '../alerts/alert.ts';
import type { BreakerView, CacheView, PoolView } from '../diagnose/context.ts';
import { diagnose, type Diagnosis } from '../diagnose/diagnose.ts';
import type { OperationStats } from '../profiler/profile.ts';
import { summarizeProcess, type ProcessSummary } from './process-summary.ts';
import type { ReportOptions, ReportSources } from './report-sources.ts';

/**
 * `unhealthy`: a finding or a firing alert is critical. `degraded`: there are others. `unknown`: there is too little to tell.
 */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

/** How a service does: plain data, for `JSON.stringify`. */
export interface PerformanceReport {
  readonly version: 1;
  /** When it was made, in ISO 8601. */
  readonly time: string;
  readonly status: HealthStatus;
  readonly process: ProcessSummary;
  readonly diagnosis: Diagnosis;
  /** Those that fire, or are about to. */
  readonly alerts: readonly Alert[];
  /** The busiest first. */
  readonly operations: readonly OperationStats[];
  readonly pools: readonly PoolView[];
  readonly caches: Readonly<Record<string, CacheView & { readonly hitRate: number }>>;
  readonly breakers: readonly BreakerView[];
}

/**
 * How a service does, and what to change. Measures nothing, and takes some milliseconds for a full profile.
 * @throws `ConfigError` naming the option that is refused
 * @example
 * const current = report({ profile: profiler.profile(), pools: [pool.stats()], alerts: alerts.status() });
 * console.log(reportText(current));
 */
export function report(sources: ReportSources, options: ReportOptions = {}): PerformanceReport {
  checkKnown('report', options, ['diagnosis', 'maxOperations']);
  const { profile, alerts = [], pools = [], caches = {}, breakers = [] } = sources;
  const most = checkInteger('report.maxOperations', options.maxOperations ?? 20, { min: 0 });
  const diagnosis = diagnose(profile, sources, options.diagnosis);
  const active = alerts.filter(({ status }) => status !== 'inactive');
  return {
    version: 1,
    time: new Date(profile.time).toISOString(),
    status: statusOf(diagnosis, active),
    process: summarizeProcess(
      profile,
      toMilliseconds('diagnose.window', options.diagnosis?.window ?? '1m'),
    ),
    diagnosis,
    alerts: active,
    operations: profile.operations.slice(0, most),
    pools,
    caches: Object.fromEntries(
      Object.entries(caches).map(([name, cache]) => [
        name,
        { ...cache, hitRate: hitRateOf(cache) },
      ]),
    ),
    breakers,
  };
}

/** Whether nothing is known to be wrong: `healthy`, or `unknown` as just after the start. */
export function isHealthy({ status }: Pick<PerformanceReport, 'status'>): boolean {
  return status === 'healthy' || status === 'unknown';
}

function statusOf({ verdict, findings }: Diagnosis, alerts: readonly Alert[]): HealthStatus {
  const firing = alerts.filter(
    ({ status, severity }) => status === 'firing' && severity !== 'info',
  );
  const isCritical =
    findings.some(({ severity }) => severity === 'critical') ||
    firing.some(({ severity }) => severity === 'critical');
  if (isCritical) return 'unhealthy';
  if (firing.length > 0 || findings.some(({ severity }) => severity !== 'low')) return 'degraded';
  return verdict === 'not-enough-data' ? 'unknown' : 'healthy';
}

function hitRateOf({ hits, misses }: CacheView): number {
  return hits === 0 ? 0 : hits / (hits + misses);
}
