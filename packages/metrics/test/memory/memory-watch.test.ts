import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { HeapSnapshotError } from '../../src/errors.ts';
import {
  createMemoryWatch,
  ProcessMemoryWatch,
  type MemoryWatch,
} from '../../src/memory/memory-watch.ts';
import { memoryWatchSettings, type MemoryWatchOptions } from '../../src/memory/options.ts';
import type { MemoryReading } from '../../src/memory/telemetry.ts';

const MB = 1024 * 1024;
const watches: MemoryWatch[] = [];
const folders: string[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  await Promise.all(watches.splice(0).map((watch) => watch.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-memory-'));
  folders.push(folder);
  return folder;
}

/** A watch whose process has what `memory` says. */
function create(options: MemoryWatchOptions = {}): {
  clock: ManualClock;
  memory: { rss: number; heapUsed: number };
  watch: MemoryWatch;
  told: string[];
} {
  const clock = new ManualClock();
  const memory = { rss: 100 * MB, heapUsed: 50 * MB };
  const watch = new ProcessMemoryWatch(
    memoryWatchSettings({ clock, ...options }),
    (): MemoryReading => ({
      ...memory,
      memoryLimit: 4000 * MB,
      heapLimit: 1000 * MB,
      memoryShare: memory.rss / (4000 * MB),
      heapShare: memory.heapUsed / (1000 * MB),
    }),
  );
  watches.push(watch);
  const told: string[] = [];
  watch.on('pressure', ({ cause, state }) => told.push(`${state} ${cause}`));
  watch.on('relief', ({ cause, state }) => told.push(`${state} ${cause}`));
  return { clock, memory, watch, told };
}

test('from 1500 MB on there is pressure, until memory is well below', () => {
  const { clock, memory, watch, told } = create();
  memory.rss = 1499 * MB;
  clock.advance(1000);
  expect(told).toEqual([]);
  memory.rss = 1500 * MB;
  clock.advance(1000);
  expect(watch.state).toBe('pressure');
  memory.rss = 1400 * MB;
  clock.advance(10_000);
  expect(watch.state).toBe('pressure');
  memory.rss = 1349 * MB;
  clock.advance(1000);
  expect(told).toEqual(['pressure rss', 'normal rss']);
  expect(watch.stats()).toMatchObject({ state: 'normal', stateFor: 0, totals: { pressures: 1 } });
});

test('from 80 % of the heap, or of the memory, on there is pressure', () => {
  const { clock, memory, told } = create({ maxRss: Infinity });
  memory.heapUsed = 800 * MB;
  clock.advance(1000);
  memory.heapUsed = 50 * MB;
  clock.advance(1000);
  memory.rss = 3200 * MB;
  clock.advance(1000);
  expect(told).toEqual(['pressure heap', 'normal heap', 'pressure memory']);
});

test('pressure and relief are published, and a listener that throws breaks nothing', () => {
  const { clock, memory, watch } = create();
  vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  watch.on('pressure', () => {
    throw new Error('listener');
  });
  const published: unknown[] = [];
  const onMessage = (message: unknown): void =>
    void published.push((message as { state: string }).state);
  subscribe('perf:memory:pressure', onMessage);
  memory.rss = 2000 * MB;
  clock.advance(1000);
  memory.rss = 100 * MB;
  clock.advance(1000);
  unsubscribe('perf:memory:pressure', onMessage);
  expect(published).toEqual(['pressure', 'normal']);
});

test('garbage is collected under pressure after those who were told, and again after the cool-down', () => {
  const order: string[] = [];
  const gc = vi.fn<() => number>(() => order.push('gc'));
  vi.stubGlobal('gc', gc);
  const { clock, memory, watch } = create({ forceGc: { coolDown: '10s' } });
  watch.on('pressure', () => order.push('told'));
  const collections: unknown[] = [];
  watch.on('gc', (event) => collections.push(event));
  clock.advance(5000);
  expect(gc).not.toHaveBeenCalled();
  memory.rss = 2000 * MB;
  clock.advance(1000);
  expect(order).toEqual(['told', 'gc']);
  clock.advance(9999);
  expect(gc).toHaveBeenCalledTimes(1);
  clock.advance(1);
  expect(gc).toHaveBeenCalledTimes(2);
  expect(collections).toHaveLength(2);
  expect(watch.stats().totals.forcedGcs).toBe(2);
});

test('a real collection tells what it freed and how long it took; where Node exposes none, it is undefined', async () => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  const watch = createMemoryWatch();
  watches.push(watch);
  vi.stubGlobal('gc', undefined);
  expect(watch.forceGc()).toBeUndefined();
  setFlagsFromString('--expose-gc');
  vi.stubGlobal('gc', runInNewContext('gc'));
  const live: { garbage: unknown } = {
    garbage: Array.from({ length: 500_000 }, (_, at) => ({ at })),
  };
  const before = process.memoryUsage().heapUsed;
  live.garbage = undefined;
  // What the present frame still holds is no garbage.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  const result = watch.forceGc();
  expect(result?.freed).toBeDefined();
  expect(result?.took).toBeGreaterThan(0);
  expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(5 * MB);
});

test('without the option nothing is collected', () => {
  const gc = vi.fn<() => void>();
  vi.stubGlobal('gc', gc);
  const { clock, memory } = create();
  memory.rss = 2000 * MB;
  clock.advance(60_000);
  expect(gc).not.toHaveBeenCalled();
});

test('a heap snapshot is refused where there is no room for it, as an event, once in a cool-down', async () => {
  const dir = temporary();
  const { clock, memory, watch } = create({
    heapSnapshot: { dir, minFree: Number.MAX_SAFE_INTEGER, coolDown: '1h' },
  });
  const errors: unknown[] = [];
  watch.on('error', ({ error }) => errors.push(error));
  memory.heapUsed = 950 * MB;
  clock.advance(1000);
  await expect.poll(() => errors.length, { timeout: 15_000 }).toBe(1);
  expect(errors[0]).toBeInstanceOf(HeapSnapshotError);
  await clock.advanceAsync(3_000_000);
  expect(errors).toHaveLength(1);
  expect(readdirSync(dir)).toEqual([]);
});

test('a heap snapshot is written once when the heap is nearly full, for its owner alone', async () => {
  const dir = path.join(temporary(), 'inner');
  const { clock, memory, watch } = create({ heapSnapshot: { dir, minFree: 0 } });
  const written: string[] = [];
  watch.on('heapSnapshot', ({ file }) => written.push(file));
  memory.heapUsed = 899 * MB;
  clock.advance(1000);
  expect(existsSync(dir)).toBe(false);
  memory.heapUsed = 900 * MB;
  clock.advance(10_000);
  await expect.poll(() => written.length, { timeout: 60_000 }).toBe(1);
  const [file = ''] = written;
  expect(file).toMatch(/\.heapsnapshot$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { snapshot } = JSON.parse(readFileSync(file, 'utf8')) as {
    snapshot: { node_count: number; meta: { node_fields: string[] } };
  };
  expect(snapshot.node_count).toBeGreaterThan(1000);
  expect(snapshot.meta.node_fields).toContain('self_size');
  await clock.advanceAsync(60_000);
  expect(readdirSync(dir)).toHaveLength(1);
  expect(watch.stats().totals.heapSnapshots).toBe(1);
}, 90_000);

test('the memory of this process is read, and is within its limits', () => {
  const watch = createMemoryWatch({ maxRss: Infinity, clock: new ManualClock() });
  watches.push(watch);
  const { rss, heapUsed, memoryLimit, heapLimit, memoryShare, heapShare } = watch.read();
  expect(rss).toBeGreaterThan(heapUsed);
  expect(memoryShare).toBe(rss / memoryLimit);
  expect(heapShare).toBe(heapUsed / heapLimit);
  expect(heapShare).toBeLessThan(1);
});

test('close ends its timer, which never keeps the process alive', async () => {
  const { clock, watch } = create();
  expect(clock.pendingTimers).toBe(1);
  expect(clock.keepAliveTimers).toBe(0);
  await watch.close();
  await watch.close();
  expect(clock.pendingTimers).toBe(0);
});

test('it may be closed by a listener', () => {
  const { clock, memory, watch } = create();
  watch.on('pressure', () => void watch.close());
  memory.rss = 2000 * MB;
  clock.advance(5000);
  expect(clock.pendingTimers).toBe(0);
});

test.each([
  ['interval', { interval: 1 }],
  ['maxRss', { maxRss: -1 }],
  ['maxShare', { maxShare: 0 }],
  ['maxShare', { maxShare: 1.1 }],
  ['release', { release: Number.NaN }],
  ['forceGc.coolDown', { forceGc: { coolDown: 1 } }],
  ['heapSnapshot.dir', { heapSnapshot: { dir: '' } }],
  ['heapSnapshot.above', { heapSnapshot: { dir: 'x', above: 2 } }],
  ['heapSnapshot.maxFiles', { heapSnapshot: { dir: 'x', maxFiles: 0 } }],
  ['name', { name: '' }],
  ['limit', { limit: 1 }],
])('the option %s is refused by its name: %o', (option, options) => {
  expect(() => createMemoryWatch(options as object)).toThrow(ConfigError);
  expect(() => createMemoryWatch(options as object)).toThrow(`memoryWatch.${option} must be`);
});
