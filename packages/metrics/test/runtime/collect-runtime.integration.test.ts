import { prometheusIsMissing, runPromtool, startPrometheus } from '@perf/test-servers';
import { describe, expect, test, vi } from 'vitest';
import { createRegistry } from '../../src/registry/create-registry.ts';
import { collectRuntime } from '../../src/runtime/collect-runtime.ts';
import { serveMetrics } from '../fixtures/metrics-server.ts';

const missing = await prometheusIsMissing();
if (missing !== undefined) {
  console.warn(`\n*** the tests against Prometheus are SKIPPED: ${missing}\n`);
}

describe.skipIf(missing)('a real Prometheus', () => {
  test('promtool finds nothing amiss but the names that prom-client has given', async () => {
    await using registry = createRegistry();
    await using runtime = collectRuntime(registry);
    expect(runtime).toBeDefined();
    const { output } = await runPromtool(['check', 'metrics'], await registry.expose().text());
    const faults = output.split('\n').filter((line) => line !== '');
    const known =
      /^nodejs_active_(?:resources|handles|requests)_total non-counter metrics should not have "_total" suffix$/;
    expect(faults.filter((line) => !known.test(line))).toEqual([]);
  });

  test('scrapes them in every format', async () => {
    await using registry = createRegistry();
    await using runtime = collectRuntime(registry, { window: 0 });
    expect(runtime).toBeDefined();
    const accepts: Readonly<Record<string, string>> = {
      '/text': 'text/plain',
      '/openmetrics': 'application/openmetrics-text;version=1.0.0',
    };
    await using server = await serveMetrics((path, accept) =>
      registry.expose(accepts[path] ?? accept),
    );
    const jobs = ['text', 'openmetrics', 'native'];
    await using prometheus = await startPrometheus({
      targets: Object.fromEntries(jobs.map((job) => [job, `${server.origin}/${job}`])),
      scrapeInterval: 1000,
      features: ['native-histograms'],
    });
    const asked = [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_active_handles_total',
      'nodejs_heap_space_size_used_bytes{space="old"}',
      'nodejs_version_info',
    ];
    await vi.waitFor(
      async () => {
        for (const series of asked) {
          expect((await prometheus.query(series)).length, series).toBe(jobs.length);
        }
      },
      { timeout: 60_000, interval: 250 },
    );
    const faults = (await prometheus.targets()).map(({ lastError }) => lastError);
    expect(faults).toEqual(jobs.map(() => ''));
  });
});
