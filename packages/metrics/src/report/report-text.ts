import { oneLine } from '../alerts/sinks/one-line.ts';
import type { Finding } from '../diagnose/finding.ts';
import { figure, megabytes, span } from './figures.ts';
import type { ProcessSummary } from './process-summary.ts';
import type { PerformanceReport } from './report.ts';

/** The report for people, in lines of text. Names that come from elsewhere cannot forge a line of it. */
export function reportText(report: PerformanceReport): string {
  const { time, status, process, diagnosis, alerts, operations, pools, caches, breakers } = report;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Process', processLines(process)],
    ['Findings', diagnosis.findings.flatMap(findingLines)],
    ['Notes', diagnosis.notes],
    ['Alerts', alerts.map((one) => `[${one.severity}] ${one.status}: ${one.summary}`)],
    [
      'Operations, the busiest first',
      operations.map(
        ({ component, operation, recent }) =>
          `${component}.${operation}: ${figure(recent.perSecond)}/s, p50 ${figure(recent.p50)}, p95 ${figure(recent.p95)}, p99 ${figure(recent.p99, 'ms')}, ${recent.errors} of ${recent.count} failed`,
      ),
    ],
    [
      'Pools',
      pools.map(
        (pool) =>
          `${pool.name}: ${pool.active} of ${pool.limit} out, ${pool.waiting} wait, p95 of the wait ${figure(pool.acquireMs.p95, 'ms')}`,
      ),
    ],
    [
      'Caches',
      Object.entries(caches).map(
        ([name, cache]) =>
          `${name}: ${figure(cache.hitRate * 100, '%')} of ${cache.hits + cache.misses} look-ups, ${cache.evictions ?? '?'} evictions`,
      ),
    ],
    ['Breakers', breakers.map(({ name, state }) => `${name}: ${state}`)],
  ];
  const lines = [`Performance at ${time}: ${status} (${diagnosis.verdict})`];
  for (const [title, content] of sections) {
    if (content.length > 0) lines.push('', title, ...content.map((line) => `  ${oneLine(line)}`));
  }
  return `${lines.join('\n')}\n`;
}

/** The report in one line, for logs. */
export function summaryLine({ status, process, diagnosis, alerts }: PerformanceReport): string {
  const [first] = diagnosis.findings;
  const firing = alerts.filter((one) => one.status === 'firing').map(({ name }) => name);
  return oneLine(
    [
      `performance ${status}`,
      `cpu ${figure(process.cpu, '%')}`,
      `memory ${megabytes(process.memory)}`,
      `event loop ${figure(process.loopUtilization, '%')} busy, p99 ${figure(process.loopDelayP99, 'ms')} late`,
      ...(first === undefined ? [] : [`${first.summary}; change ${changeOf(first)}`]),
      ...(firing.length === 0 ? [] : [`alerts: ${firing.join(', ')}`]),
    ].join(' | '),
  );
}

function processLines(process: ProcessSummary): readonly string[] {
  const trend =
    process.heapTrend === 0
      ? ''
      : `, ${process.heapTrend > 0 ? 'rising' : 'falling'} by ${megabytes(Math.abs(process.heapTrend) * 60)}/min${Number.isFinite(process.heapFullIn) ? `, full in ${span(process.heapFullIn)}` : ''}`;
  return [
    `uptime       ${span(process.uptime)}`,
    `processor    ${figure(process.cpu, '%')} of one; there are ${figure(process.cpus)}`,
    `memory       ${megabytes(process.memory)} of ${megabytes(process.memoryLimit)}`,
    `heap         ${megabytes(process.heapUsed)} of ${megabytes(process.heapLimit)}${trend}`,
    `event loop   ${figure(process.loopUtilization, '%')} busy; late by ${figure(process.loopDelayP99, 'ms')} (p99), ${figure(process.loopDelayMax, 'ms')} at most`,
    `garbage      ${figure(process.gcShare, '%')} of the time, pauses of up to ${figure(process.gcPauseMax, 'ms')}`,
    `thread pool  ${figure(process.threadPoolDelay, 'ms')} for a trivial file operation`,
  ];
}

function findingLines(finding: Finding, index: number): readonly string[] {
  const { severity, cause, confidence, summary, evidence, recommendation, explainedBy } = finding;
  return [
    `${index + 1}. [${severity}] ${cause}, sure to ${figure(confidence * 100, '%')}: ${summary}`,
    ...(explainedBy === undefined ? [] : [`   because of: ${explainedBy}`]),
    `   evidence: ${evidence.map(({ what, value, unit, limit }) => `${what} ${figure(value, unit)}${limit === undefined ? '' : ` (limit ${figure(limit)})`}`).join('; ')}`,
    `   change: ${changeOf(finding)}`,
    `   why: ${recommendation.why}`,
  ];
}

function changeOf({ recommendation: { setting, from, to } }: Finding): string {
  return `${setting}${from === undefined ? '' : ` from ${from}`} to ${to}`;
}
