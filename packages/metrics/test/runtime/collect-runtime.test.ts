import { writeFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConfigError, type Closeable } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { createRegistry } from '../../src/registry/create-registry.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { collectRuntime } from '../../src/runtime/collect-runtime.ts';
import type { RuntimeOptions } from '../../src/runtime/options.ts';
import { buildProgram } from '../fixtures/programs.ts';

const open: Closeable[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function create(options: RuntimeOptions = {}): { registry: Registry; runtime: Closeable } {
  const registry = createRegistry();
  const runtime = collectRuntime(registry, options);
  open.push(runtime, registry);
  return { registry, runtime };
}

function expose(registry: Registry): Promise<string> {
  return registry.expose().text();
}

/** The value of the line that begins with this. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

/** What dashboards for prom-client 15 ask for. */
const PROM_CLIENT = [
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
];
const LINUX = [
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'process_max_fds',
];

test('the series of prom-client are there by their names', async () => {
  const clock = new ManualClock();
  const { registry } = create({ clock });
  clock.advance(10_000);
  const text = await expose(registry);
  const names = existsSync('/proc/self/status') ? [...PROM_CLIENT, ...LINUX] : PROM_CLIENT;
  for (const name of names) expect([name, valueOf(text, name)]).toEqual([name, expect.any(Number)]);
  for (const name of names) expect([name, valueOf(text, name)]).not.toEqual([name, Number.NaN]);
  const [major = ''] = process.versions.node.split('.');
  expect(text).toMatch(new RegExp(`nodejs_version_info\\{[^}]*major="${major}"[^}]*\\} 1\n`));
  expect(text).toMatch(/nodejs_heap_space_size_used_bytes\{space="old"\} \d+/);
  expect(text).toMatch(/nodejs_active_resources\{type="\w+"\} \d+/);
  expect(registry.stats().collectorErrors).toBe(0);
});

test('the figures are those of the process', async () => {
  const clock = new ManualClock(Date.now());
  const { registry } = create({ clock });
  const text = await expose(registry);
  const started = Date.now() / 1000 - process.uptime();
  expect(Math.abs(valueOf(text, 'process_start_time_seconds') - started)).toBeLessThan(60);
  expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
  expect(valueOf(text, 'nodejs_heap_size_limit_bytes')).toBeGreaterThan(1e8);
  expect(valueOf(text, 'process_cpu_limit_cores')).toBeGreaterThan(0);
});

test('processor time and bytes that are written only grow', async () => {
  const { registry } = create();
  const first = await expose(registry);
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-runtime-'));
  writeFileSync(path.join(folder, 'data'), Buffer.alloc(1_000_000));
  rmSync(folder, { recursive: true, force: true });
  const second = await expose(registry);
  const grown = (series: string): number => valueOf(second, series) - valueOf(first, series);
  expect(grown('process_cpu_seconds_total')).toBeGreaterThanOrEqual(0);
  if (existsSync('/proc/self/io')) {
    expect(grown('process_io_written_bytes_total')).toBeGreaterThanOrEqual(1_000_000);
  }
});

test('a collection of garbage is in the histogram of its kind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { registry } = create();
  collect();
  await vi.waitFor(
    async () => {
      const text = await expose(registry);
      expect(valueOf(text, 'nodejs_gc_duration_seconds_count{kind="major"}')).toBeGreaterThan(0);
      expect(text).toContain('nodejs_gc_duration_seconds_bucket{kind="major",le="0.001"}');
    },
    { timeout: 15_000 },
  );
});

test('a loop that is really blocked is seen', async () => {
  const { registry } = create({ window: 0 });
  const until = performance.now() + 300;
  while (performance.now() < until);
  let highest = 0;
  await vi.waitFor(
    async () => {
      const max = valueOf(await expose(registry), 'nodejs_eventloop_lag_max_seconds');
      highest = Math.max(highest, max || 0);
      expect(highest).toBeGreaterThan(0.2);
    },
    { timeout: 15_000 },
  );
});

test('whoever reads within the window gets the same, so that readers take nothing from each other', async () => {
  let late = 0;
  const clock = new (class extends ManualClock {
    override setTimer(callback: () => void, delay: number): ReturnType<ManualClock['setTimer']> {
      return super.setTimer(callback, delay + late);
    }
  })();
  const { registry } = create({ clock, window: '5s' });
  late = 400;
  clock.advance(1000);
  late = 0;
  clock.advance(4000);
  const first = valueOf(await expose(registry), 'nodejs_eventloop_lag_max_seconds');
  expect(first).toBe(0.4);
  clock.advance(4999);
  expect(valueOf(await expose(registry), 'nodejs_eventloop_lag_max_seconds')).toBe(0.4);
  clock.advance(1);
  expect(valueOf(await expose(registry), 'nodejs_eventloop_lag_max_seconds')).toBe(0);
});

test('a signal that is off has no series', async () => {
  const { registry } = create({
    signals: { cpu: false, memory: false, io: false, network: false, eventLoop: false, gc: false },
  });
  const names = (await expose(registry))
    .split('\n')
    .filter((line) => line.startsWith('# TYPE'))
    .map((line) => line.split(' ')[2]);
  expect(new Set(names)).toEqual(new Set(['nodejs_version_info', 'process_start_time_seconds']));
});

test('after close nothing is told, nothing runs, and the registry may have it again', async () => {
  const clock = new ManualClock();
  const { registry, runtime } = create({ clock });
  clock.advance(1000);
  await runtime.close();
  await runtime.close();
  expect(clock.pendingTimers).toBe(0);
  expect(await expose(registry)).not.toContain('process_');
  const again = collectRuntime(registry, { clock });
  expect(await expose(registry)).toContain('process_resident_memory_bytes');
  await again.close();
});

test('no timer keeps the process alive', () => {
  const clock = new ManualClock();
  create({ clock });
  expect(clock.pendingTimers).toBe(1);
  expect(clock.keepAliveTimers).toBe(0);
});

test('a worker thread tells what is its own, and the main thread what the process has', async () => {
  const program = await buildProgram('thread-series.ts');
  const { main, thread } = JSON.parse(await program.run([])) as Record<string, string[]>;
  program.remove();
  expect(thread).toContain('nodejs_heap_size_used_bytes');
  expect(thread).toContain('nodejs_gc_duration_seconds');
  expect(thread?.filter((name) => !name.startsWith('nodejs_'))).toEqual([]);
  expect(thread).not.toContain('nodejs_threadpool_delay_seconds');
  expect(main).toEqual(expect.arrayContaining([...(thread ?? []), 'process_cpu_seconds_total']));
}, 180_000);

test.each([
  ['resolution', { resolution: 0 }],
  ['resolution', { resolution: '2s' }],
  ['window', { window: -1 }],
  ['gcBuckets', { gcBuckets: 5 }],
  ['gcBuckets[1]', { gcBuckets: [1, 1] }],
  ['gcBuckets[0]', { gcBuckets: [Number.NaN] }],
  ['signals.gc', { signals: { gc: 'yes' } }],
  ['prefix', { prefix: 'x' }],
])('the option %s is refused by its name: %o', (option, options) => {
  const registry = createRegistry();
  open.push(registry);
  expect(() => collectRuntime(registry, options as object)).toThrow(ConfigError);
  expect(() => collectRuntime(registry, options as object)).toThrow(
    `collectRuntime.${option} must be`,
  );
});
