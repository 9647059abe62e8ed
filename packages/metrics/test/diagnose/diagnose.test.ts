import { ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import type { CacheView, PoolView } from '../../src/diagnose/context.ts';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { operation, profileOf } from './profiles.ts';

const MB = 1024 * 1024;

const POOL: PoolView = {
  name: 'orders',
  max: 10,
  limit: 10,
  active: 3,
  idle: 7,
  waiting: 0,
  acquired: 5000,
  timeouts: 0,
  rejected: 0,
  leaked: 0,
  acquireMs: { p50: 0, p95: 1 },
  useMs: { p50: 8, p95: 20 },
};
const CACHE: CacheView = {
  hits: 9000,
  misses: 1000,
  evictions: 100,
  expirations: 100,
  size: 500,
  maxEntries: 1000,
};

describe('diagnose', () => {
  it('says healthy of a quiet process, its pools, caches, breakers and operations', () => {
    const { verdict, findings, unknown } = diagnose(
      profileOf(undefined, { operations: [operation('db', 'read', 20)] }, 2000),
      {
        pools: [POOL],
        caches: { users: CACHE },
        breakers: [
          { name: 'mail', state: 'closed', window: { calls: 99, failureRate: 0, slowCallRate: 0 } },
        ],
      },
    );
    expect([verdict, findings, unknown]).toEqual(['healthy', [], []]);
  });

  it('says that there is not enough data of few samples, and judges pools and caches all the same', () => {
    const few = profileOf(undefined, {}, 9);
    expect(diagnose(few)).toMatchObject({ verdict: 'not-enough-data', findings: [] });
    expect(diagnose(few).notes[0]).toContain('too few');
    expect(diagnose(few, { caches: { users: { hits: 10, misses: 990 } } }).verdict).toBe(
      'low-hit-rate',
    );
  });

  it('names what it could not judge', () => {
    const silent = profileOf(() => ({ threadPoolDelay: Number.NaN, gcMinorPause: Number.NaN }));
    const { verdict, unknown } = diagnose(silent);
    expect(verdict).toBe('healthy');
    expect(unknown).toEqual([
      'gc-pressure',
      'memory-leak',
      'thread-pool-starvation',
      'pool-exhaustion',
      'low-hit-rate',
      'slow-dependency',
      'failing-dependency',
    ]);
  });

  it('names a blocked event loop, the operation that blocks it, and not the processor that it uses', () => {
    const blocked = profileOf(
      (index) =>
        index % 4 === 0
          ? { interval: 300, loopDelayMax: 250, loopUtilization: 0.9, cpuShare: 0.9 }
          : { loopUtilization: 0.9, cpuShare: 0.9 },
      { operations: [operation('report', 'render', 240), operation('db', 'read', 5)] },
    );
    const { verdict, findings } = diagnose(blocked);
    expect(verdict).toBe('event-loop-blocked');
    expect(findings[0]).toMatchObject({
      severity: 'critical',
      subject: 'report.render',
      explainedBy: undefined,
    });
    expect(findings.slice(1).every(({ explainedBy }) => explainedBy === 'event-loop-blocked')).toBe(
      true,
    );
  });

  it('tells synchronous waiting from computing by the processor that is used meanwhile', () => {
    const waiting = profileOf((index) =>
      index % 5 === 0
        ? { interval: 300, loopDelayMax: 200, loopUtilization: 0.8, cpuShare: 0.05 }
        : {},
    );
    expect(diagnose(waiting).findings[0]?.recommendation.why).toContain('asynchronous form');
  });

  it('does not blame a process that gets no processor for being late, and notes it', () => {
    const starved = profileOf((index) =>
      index % 5 === 0
        ? { interval: 300, loopDelayMax: 200, loopUtilization: 0.8, cpuWait: 195 }
        : { cpuWait: 40 },
    );
    const { verdict, notes } = diagnose(starved);
    expect(verdict).toBe('healthy');
    expect(notes[0]).toContain('had no processor');
  });

  it('sees the blocks of a process that gets a processor only now and then', () => {
    const starved = profileOf((index) =>
      index % 5 === 0
        ? { interval: 800, loopDelayMax: 600, loopUtilization: 0.9, cpuShare: 0.25, cpuWait: 450 }
        : { cpuWait: 40 },
    );
    expect(diagnose(starved).verdict).toBe('event-loop-blocked');
  });

  it('blames no dependency for being slow now and then while the process waits for a processor', () => {
    const tail = operation('db', 'read', 20);
    const operations = [{ ...tail, recent: { ...tail.recent, p95: 300 } }];
    const verdicts = [0, 40].map(
      (cpuWait) => diagnose(profileOf(() => ({ cpuWait }), { operations })).verdict,
    );
    expect(verdicts).toEqual(['slow-dependency', 'healthy']);
  });

  it('names a processor that is used up by many small tasks, or by the limit of a container', () => {
    const busy = diagnose(
      profileOf(() => ({ cpuShare: 0.98, loopUtilization: 0.99, loopDelayMax: 8 })),
    );
    expect(busy).toMatchObject({ verdict: 'cpu-saturation' });
    expect(busy.findings[0]?.recommendation).toMatchObject({ from: 1, to: 2 });
    const throttled = diagnose(profileOf(() => ({ cpuShare: 0.5, cpuThrottled: 400 })));
    expect(throttled.findings[0]).toMatchObject({ cause: 'cpu-saturation', confidence: 0.95 });
    expect(throttled.findings[0]?.recommendation.from).toBe(4);
  });

  it('names garbage collection before the blocked loop that it makes', () => {
    const churning = profileOf((index) =>
      index % 3 === 0
        ? {
            gcMinorPause: 60,
            gcMinorCount: 12,
            gcPauseMax: 55,
            loopDelayMax: 120,
            loopUtilization: 0.9,
            cpuShare: 0.95,
          }
        : {
            gcMinorPause: 20,
            gcMinorCount: 5,
            gcPauseMax: 8,
            loopUtilization: 0.9,
            cpuShare: 0.95,
          },
    );
    const { verdict, findings } = diagnose(churning);
    expect(verdict).toBe('gc-pressure');
    expect(findings[0]?.recommendation).toMatchObject({
      setting: '--max-semi-space-size',
      from: 16,
      to: 64,
    });
  });

  it('names a heap that is too small for what it holds', () => {
    const full = profileOf(() => ({
      gcMajorPause: 20,
      gcMajorCount: 1,
      gcMinorPause: 1,
      gcPauseMax: 20,
      heapUsed: 1800 * MB,
    }));
    expect(diagnose(full).findings[0]?.recommendation).toMatchObject({
      setting: '--max-old-space-size',
      from: 2048,
      to: 3600,
    });
  });

  it('names a leak by the heap after full collections, when the limit is reached, and before the collections that it brings', () => {
    const times = Float64Array.from({ length: 40 }, (_, index) => 1_700_000_000_000 + index * 5000);
    const leaking = profileOf(
      (_, seconds) => ({ heapUsed: (100 + seconds) * MB, gcMajorPause: 9 }),
      { heapAfterGc: { times, values: times.map((_, index) => (100 + index * 5) * MB) } },
      2000,
    );
    const { verdict, findings } = diagnose(leaking);
    expect(verdict).toBe('memory-leak');
    expect(findings[0]).toMatchObject({ severity: 'critical', subject: "V8's heap" });
    expect(findings[0]?.evidence[0]).toMatchObject({ what: 'growth', unit: 'MB/min' });
    expect(findings[0]?.evidence[0]?.value).toBeCloseTo(60, 0);
    expect(findings.find(({ cause }) => cause === 'gc-pressure')?.explainedBy).toBe('memory-leak');
  });

  it('names a leak outside of the heap', () => {
    const leaking = profileOf(
      (_, seconds) => ({ rss: (90 + seconds) * MB, external: (2 + seconds) * MB }),
      {},
      2000,
    );
    expect(diagnose(leaking).findings[0]).toMatchObject({
      cause: 'memory-leak',
      subject: 'memory of buffers',
    });
  });

  it('names a thread pool that is taken, before the file operations that wait for it', () => {
    const starved = profileOf(() => ({ threadPoolDelay: 180, activeRequests: 20 }), {
      operations: [operation('files', 'read', 400)],
    });
    const { verdict, findings } = diagnose(starved);
    expect(verdict).toBe('thread-pool-starvation');
    expect(findings[0]?.recommendation).toMatchObject({
      setting: 'UV_THREADPOOL_SIZE',
      from: 4,
      to: 16,
    });
    expect(findings[1]).toMatchObject({
      cause: 'slow-dependency',
      explainedBy: 'thread-pool-starvation',
    });
  });

  it('names a pool that is used up, before the operation that waits for it', () => {
    const waiting: PoolView = {
      ...POOL,
      active: 10,
      waiting: 12,
      acquireMs: { p50: 200, p95: 450 },
      useMs: { p50: 20, p95: 30 },
    };
    const { verdict, findings } = diagnose(
      profileOf(undefined, { operations: [operation('db', 'read', 400)] }),
      { pools: [{ ...POOL, name: 'other' }, waiting] },
    );
    expect(verdict).toBe('pool-exhaustion');
    expect(findings[0]).toMatchObject({ subject: 'orders', severity: 'high' });
    expect(findings[0]?.recommendation).toMatchObject({
      setting: 'max of the pool "orders"',
      from: 10,
      to: 25,
    });
    expect(findings[1]?.explainedBy).toBe('pool-exhaustion');
  });

  it('names what is behind a pool when that is slow, before the pool', () => {
    const held: PoolView = {
      ...POOL,
      active: 10,
      waiting: 4,
      acquireMs: { p50: 200, p95: 450 },
      useMs: { p50: 700, p95: 900 },
    };
    const { verdict, findings } = diagnose(
      profileOf(undefined, { operations: [operation('db', 'read', 900)] }),
      { pools: [held] },
    );
    expect(verdict).toBe('slow-dependency');
    expect(findings[1]).toMatchObject({ cause: 'pool-exhaustion', explainedBy: 'slow-dependency' });
  });

  it('tells a pool that loses what it lends, and one whose limit is held down', () => {
    const waiting = { ...POOL, active: 10, waiting: 5, acquireMs: { p50: 200, p95: 450 } };
    const [leaking] = diagnose(profileOf(), { pools: [{ ...waiting, leaked: 9 }] }).findings;
    expect(leaking?.recommendation.setting).toBe('releases of the pool "orders"');
    const [limited] = diagnose(profileOf(), { pools: [{ ...waiting, max: 50 }] }).findings;
    expect(limited?.recommendation).toMatchObject({
      setting: 'limit of the pool "orders"',
      from: 10,
    });
  });

  it('names a cache that finds too little, by what was added since, and what to change', () => {
    const cold: CacheView = { ...CACHE, hits: 9100, misses: 3000, evictions: 2000 };
    expect(diagnose(profileOf(), { caches: { users: cold } }).verdict).toBe('healthy');
    const context = { caches: { users: cold }, previous: { caches: { users: CACHE } } };
    const { verdict, findings } = diagnose(profileOf(), context);
    expect(verdict).toBe('low-hit-rate');
    expect(findings[0]?.recommendation).toMatchObject({
      setting: 'maxEntries of the cache "users"',
      from: 1000,
      to: 2000,
    });
    const hitRateOf = (cache: CacheView): string | undefined =>
      diagnose(profileOf(), { caches: { users: cache } }).findings[0]?.recommendation.setting;
    expect(hitRateOf({ hits: 10, misses: 990, evictions: 0, expirations: 900 })).toBe(
      'ttl of the cache "users"',
    );
    expect(hitRateOf({ hits: 10, misses: 990 })).toBe('keys of the cache "users"');
    expect(
      hitRateOf({
        hits: 10,
        misses: 990,
        evictions: 900,
        size: 10,
        bytes: 64 * MB,
        maxBytes: 64 * MB,
      }),
    ).toBe('maxBytes of the cache "users"');
  });

  it('takes a counter that has become smaller for one that began anew', () => {
    const { verdict } = diagnose(profileOf(), {
      caches: { users: { hits: 10, misses: 990 } },
      previous: { caches: { users: { hits: 1e6, misses: 1e6 } } },
    });
    expect(verdict).toBe('low-hit-rate');
  });

  it('names the slow operation within others that are slow because of it', () => {
    const { findings } = diagnose(
      profileOf(undefined, {
        operations: [
          operation('http', 'GET /orders', 620, 200),
          operation('db', 'read orders', 600, 200),
          operation('cache', 'get', 2, 5000),
        ],
      }),
    );
    expect(findings[0]).toMatchObject({ cause: 'slow-dependency', subject: 'db.read orders' });
  });

  it('names what fails: a breaker that is open, or an operation', () => {
    const open = diagnose(profileOf(), { breakers: [{ name: 'mail', state: 'open' }] });
    expect(open.findings[0]).toMatchObject({
      cause: 'failing-dependency',
      subject: 'mail',
      severity: 'critical',
    });
    const failing = diagnose(
      profileOf(undefined, { operations: [operation('mail', 'send', 20, 100, 30)] }),
    );
    expect(failing.findings[0]).toMatchObject({
      cause: 'failing-dependency',
      subject: 'mail.send',
    });
  });

  it('names a dependency whose breaker counts slow calls', () => {
    const window = { calls: 50, failureRate: 0, slowCallRate: 0.6 };
    const { findings } = diagnose(profileOf(), {
      breakers: [{ name: 'mail', state: 'closed', window }],
    });
    expect(findings[0]).toMatchObject({ cause: 'slow-dependency', subject: 'mail' });
  });

  it('gives every finding evidence that is finite, and a setting', () => {
    const { findings } = diagnose(
      profileOf(
        () => ({
          threadPoolDelay: 90,
          gcMinorPause: 9,
          cpuShare: 1.1,
          loopUtilization: 1,
          diskRead: Number.NaN,
        }),
        { operations: [operation('db', 'read', 900, 100, 50)] },
      ),
      {
        pools: [
          { ...POOL, active: 10, waiting: 3, acquireMs: { p50: 90, p95: 200 }, useMs: undefined },
        ],
      },
    );
    expect(findings.length).toBeGreaterThan(4);
    for (const { evidence, recommendation, confidence } of findings) {
      expect(evidence.every(({ value }) => Number.isFinite(value))).toBe(true);
      expect([recommendation.setting, recommendation.why].every((text) => text.length > 10)).toBe(
        true,
      );
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  });

  it('refuses thresholds that are the wrong way round, and options that do not exist', () => {
    const option = (of: () => unknown): string => {
      try {
        of();
      } catch (error) {
        if (error instanceof ConfigError) return error.option;
      }
      return 'taken';
    };
    const profile = profileOf();
    expect([
      option(() => diagnose(profile, {}, { thresholds: { cpu: { warning: 0.9, critical: 0.8 } } })),
      option(() =>
        diagnose(profile, {}, { thresholds: { hitRate: { warning: 0.5, critical: 0.8 } } }),
      ),
      option(() => diagnose(profile, {}, { thresholds: { cpus: {} } as never })),
      option(() => diagnose(profile, {}, { window: -1 })),
      option(() => diagnose(profile, {}, { windwo: 1 } as never)),
    ]).toEqual([
      'diagnose.thresholds.cpu.critical',
      'diagnose.thresholds.hitRate.critical',
      'diagnose.thresholds.cpus',
      'diagnose.window',
      'diagnose.windwo',
    ]);
  });
});
