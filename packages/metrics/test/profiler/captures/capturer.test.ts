import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { HeapProfiler, Profiler as InspectorProfiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, systemClock } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaptureFailedError, CaptureInProgressError } from '../../../src/errors.ts';
import { Capturer } from '../../../src/profiler/captures/capturer.ts';

let dir: string;
let closing: AbortController;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'perf-captures-'));
  closing = new AbortController();
});
afterEach(() => {
  closing.abort();
  rmSync(dir, { recursive: true, force: true });
});

function create(options: Partial<ConstructorParameters<typeof Capturer>[0]> = {}): Capturer {
  return new Capturer({
    clock: systemClock,
    dir,
    maxFiles: 20,
    closed: closing.signal,
    ...options,
  });
}

/** Work that is not optimized away. */
function burn(milliseconds: number): number {
  const until = performance.now() + milliseconds;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum;
}

/** The functions that work while a capture runs. */
async function busyWhile<T>(capture: Promise<T>, work: () => unknown): Promise<T> {
  const under = { way: true };
  const watched = capture.finally(() => {
    under.way = false;
  });
  watched.catch(() => undefined);
  while (under.way) {
    work();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return watched;
}

test('a .cpuprofile has the form that DevTools reads, and shows the function that works', async () => {
  const capturer = create();
  const capture = await busyWhile(capturer.cpu({ duration: '300ms', sampleEvery: 1 }), () =>
    burn(20),
  );
  expect(capture.kind).toBe('cpu');
  expect(path.dirname(capture.file)).toBe(dir);
  expect(capture.file).toMatch(/\.cpuprofile$/);
  expect(statSync(capture.file).size).toBe(capture.bytes);
  const profile = JSON.parse(readFileSync(capture.file, 'utf8')) as InspectorProfiler.Profile;
  expect(profile.endTime).toBeGreaterThan(profile.startTime);
  expect(profile.samples?.length).toBe(profile.timeDeltas?.length);
  expect(profile.samples?.length).toBeGreaterThan(10);
  const ids = new Set(profile.nodes.map(({ id }) => id));
  expect(profile.samples?.every((id) => ids.has(id))).toBe(true);
  expect(profile.nodes.some(({ callFrame }) => callFrame.functionName === 'burn')).toBe(true);
  expect(capture.hottest.map(({ name }) => name)).toContain('burn');
});

test('a .heapprofile has the form that DevTools reads, and shows who allocated what is alive', async () => {
  const kept: unknown[] = [];
  function keepMuch(): void {
    for (let one = 0; one < 2000; one++) kept.push(Array.from({ length: 50 }, (_, at) => ({ at })));
  }
  const capturer = create();
  const capture = await busyWhile(capturer.heap({ duration: '300ms', sampleEvery: '16kb' }), () => {
    if (kept.length < 4000) keepMuch();
  });
  expect(capture.file).toMatch(/\.heapprofile$/);
  const profile = JSON.parse(
    readFileSync(capture.file, 'utf8'),
  ) as HeapProfiler.SamplingHeapProfile & { samples: unknown };
  expect(profile.head.callFrame.functionName).toBe('(root)');
  expect(profile.head.children.length).toBeGreaterThan(0);
  expect(Array.isArray(profile.samples)).toBe(true);
  expect(capture.hottest[0]?.amount).toBeGreaterThan(0);
  expect(kept.length).toBeGreaterThan(0);
});

test('only its owner may read a capture', async () => {
  const { file } = await create().cpu({ duration: 1 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a second one is refused while one is being taken, and the next one is not', async () => {
  const capturer = create();
  const first = capturer.cpu({ duration: 50 });
  expect(capturer.isBusy).toBe(true);
  await expect(capturer.heap({ duration: 1 })).rejects.toThrow(CaptureInProgressError);
  await first;
  expect(capturer.isBusy).toBe(false);
  await expect(capturer.heap({ duration: 1 })).resolves.toMatchObject({ kind: 'heap' });
});

test('an abort ends it with its reason, leaves no file and no listener, and the next one can begin', async () => {
  const clock = new ManualClock();
  const capturer = create({ clock });
  const abort = new AbortController();
  const capture = capturer.cpu({ duration: '1m', signal: abort.signal });
  const reason = new Error('enough');
  abort.abort(reason);
  await expect(capture).rejects.toBe(reason);
  expect(readdirSync(dir)).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
  await expect(capturer.cpu({ signal: abort.signal })).rejects.toBe(reason);
  expect(capturer.isBusy).toBe(false);
});

test('closing ends what is being taken', async () => {
  const capturer = create();
  const capture = capturer.cpu({ duration: '1m' });
  const reason = new Error('closed');
  closing.abort(reason);
  await expect(capture).rejects.toBe(reason);
});

test('what somebody awaits keeps the process alive, a burst does not', async () => {
  const clock = new ManualClock();
  const capturer = create({ clock });
  const abort = new AbortController();
  for (const [keepAlive, timers] of [
    [true, 1],
    [false, 0],
  ] as const) {
    const capture = capturer.cpu({ duration: '1m', signal: abort.signal }, keepAlive);
    capture.catch(() => undefined);
    await expect.poll(() => clock.pendingTimers).toBe(1);
    expect(clock.keepAliveTimers).toBe(timers);
    await clock.advanceAsync(60_000);
    await capture;
  }
});

test('the folder is made, and holds as many captures as it may', async () => {
  const inner = path.join(dir, 'a', 'b');
  const capturer = create({ dir: inner, maxFiles: 2 });
  const files: string[] = [];
  for (let one = 0; one < 4; one++) files.push((await capturer.cpu({ duration: 1 })).file);
  expect(files.map((file) => existsSync(file))).toEqual([false, false, true, true]);
  expect(readdirSync(inner)).toHaveLength(2);
});

test('a file that cannot be written is an error that says so, and nothing is left', async () => {
  const blocked = path.join(dir, 'file');
  writeFileSync(blocked, '');
  const capturer = create({ dir: path.join(blocked, 'inner') });
  const error = await capturer.cpu({ duration: 1 }).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(CaptureFailedError);
  expect((error as CaptureFailedError).cause).toMatchObject({ code: 'ENOTDIR' });
  expect(capturer.isBusy).toBe(false);
});

test('without a folder it is refused, and says where to set one', async () => {
  const capturer = create({ dir: undefined });
  const error = await capturer.cpu({ duration: 1 }).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).message).toContain('captures.dir');
  await expect(capturer.cpu({ duration: 1, dir })).resolves.toBeDefined();
});

test.each([
  ['captureCpu.duration', { duration: '6m' }],
  ['captureCpu.duration', { duration: 0 }],
  ['captureCpu.sampleEvery', { sampleEvery: 0.01 }],
  ['captureCpu.sampleEvery', { sampleEvery: Number.NaN }],
  ['captureCpu.dir', { dir: '' }],
  ['captureCpu.interval', { interval: 1 }],
])('%s is refused: %o', async (option, options) => {
  await expect(create().cpu(options as object)).rejects.toThrow(`${option} must be`);
});

test('a step of the heap below 16 kB is refused', async () => {
  await expect(create().heap({ sampleEvery: 1 })).rejects.toThrow(
    'captureHeap.sampleEvery must be',
  );
});
