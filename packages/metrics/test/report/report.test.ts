import { ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { isHealthy, report } from '../../src/report/report.ts';
import { reportText, summaryLine } from '../../src/report/report-text.ts';
import type { ReportSources } from '../../src/report/report-sources.ts';
import { operation, profileOf } from '../diagnose/profiles.ts';

const MB = 1024 * 1024;

const ALERT: Alert = {
  name: 'memory',
  severity: 'critical',
  status: 'firing',
  value: 1600,
  since: 0,
  summary: 'memory: above 1500 MB',
  labels: {},
  told: true,
};

const SICK: ReportSources = {
  profile: profileOf((_, seconds) => ({ threadPoolDelay: 300, heapUsed: (30 + seconds) * MB }), {
    operations: [operation('files', 'read\nall', 400), operation('db', 'read', 2, 9)],
  }),
  alerts: [ALERT, { ...ALERT, name: 'cpu', status: 'inactive' }],
  pools: [
    {
      name: 'db',
      max: 5,
      limit: 5,
      active: 1,
      waiting: 0,
      acquired: 9,
      timeouts: 0,
      rejected: 0,
      acquireMs: { p50: 0, p95: 1 },
    },
  ],
  caches: { users: { hits: 90, misses: 10 } },
  breakers: [{ name: 'mail', state: 'half-open' }],
};

describe('report', () => {
  it('holds process, findings, firing alerts, operations and what else was given, and survives JSON', () => {
    const made = report(SICK, { maxOperations: 1 });
    expect(made).toMatchObject({
      version: 1,
      time: '2023-11-14T22:14:20.000Z',
      status: 'unhealthy',
      process: {
        cpu: expect.closeTo(6, 1),
        heapUsed: expect.closeTo(89.9 * MB, -5),
        threadPoolDelay: 300,
      },
      diagnosis: { verdict: 'thread-pool-starvation' },
      alerts: [{ name: 'memory' }],
      operations: [{ component: 'files' }],
      caches: { users: { hitRate: 0.9 } },
    });
    expect(made.process.heapTrend * 60).toBeCloseTo(60 * MB, -6);
    expect(JSON.parse(JSON.stringify(made)).diagnosis.findings).toEqual(made.diagnosis.findings);
  });

  it('is healthy, degraded, unhealthy or unknown', () => {
    const quiet = profileOf();
    const statusOf = (sources: Partial<ReportSources>): string =>
      report({ profile: quiet, ...sources }).status;
    expect(statusOf({})).toBe('healthy');
    expect(statusOf({ alerts: [{ ...ALERT, severity: 'warning' }] })).toBe('degraded');
    expect(statusOf({ alerts: [{ ...ALERT, severity: 'info' }] })).toBe('healthy');
    expect(statusOf({ alerts: [{ ...ALERT, status: 'pending' }] })).toBe('healthy');
    expect(statusOf({ alerts: [ALERT] })).toBe('unhealthy');
    expect(statusOf({ profile: profileOf(() => ({ threadPoolDelay: 25 })) })).toBe('degraded');
    expect(statusOf({ profile: profileOf(undefined, {}, 3) })).toBe('unknown');
    const healthy = (['healthy', 'unknown', 'degraded', 'unhealthy'] as const).map((status) =>
      isHealthy({ status }),
    );
    expect(healthy).toEqual([true, true, false, false]);
  });

  it('reads well: what is wrong, what speaks for it, and what to change', () => {
    const text = reportText(report(SICK));
    expect(text).toContain(
      'Performance at 2023-11-14T22:14:20.000Z: unhealthy (thread-pool-starvation)',
    );
    expect(text).toContain(
      'heap         89.9 MB of 2048 MB, rising by 60 MB/min, full in 32.6 min',
    );
    expect(text).toContain('change: UV_THREADPOOL_SIZE from 4 to 16');
    expect(text).toContain('[critical] firing: memory: above 1500 MB');
    expect(text).toContain('  users: 90 % of 100 look-ups, ? evictions');
    expect(text).toContain('  mail: half-open');
    // A name with a line break stays on its line.
    expect(text).toContain(String.raw`  files.read\nall: 1.67/s`);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('of nothing says what is not known by a question mark', () => {
    const text = reportText(report({ profile: profileOf(undefined, {}, 0) }));
    expect(text).toContain('processor    ? of one');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('fits into a line', () => {
    expect(summaryLine(report(SICK))).toBe(
      'performance unhealthy | cpu 6 % | memory 90 MB | event loop 6 % busy, p99 3 ms late | a trivial file operation takes 300 ms: the 4 threads of libuv are taken, or the disk is slow; change UV_THREADPOOL_SIZE from 4 to 16 | alerts: memory',
    );
  });

  it('refuses options that do not exist', () => {
    expect(() => report({ profile: profileOf() }, { maxOperations: -1 })).toThrow(ConfigError);
    expect(() => report({ profile: profileOf() }, { diagnosis: { window: 'x' as never } })).toThrow(
      ConfigError,
    );
  });
});
