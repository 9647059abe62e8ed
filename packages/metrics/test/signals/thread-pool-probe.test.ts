import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, open, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ThreadPoolProbe } from '../../src/signals/thread-pool-probe.ts';

/** As many as the largest pool that a machine of a developer may set. */
const THREADS = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'perf-pool-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('before the first operation has ended nothing is known; then, how long it took', async () => {
  const clock = new ManualClock();
  const probe = new ThreadPoolProbe(clock);
  expect(probe.probe()).toBeNaN();
  await vi.waitFor(() => expect(probe.probe()).toBe(0), { timeout: 15_000 });
});

test('time for which the event loop was blocked is not taken for a delay of the pool', async () => {
  const probe = new ThreadPoolProbe(systemClock);
  const start = performance.now();
  probe.probe();
  // The answer lies there after a moment, and is looked at when this is over.
  while (performance.now() - start < 300);
  let took = Number.NaN;
  await vi.waitFor(
    () => {
      took = probe.probe();
      expect(took).not.toBeNaN();
    },
    { timeout: 15_000, interval: 1 },
  );
  expect(took).toBeLessThanOrEqual(performance.now() - start - 290);
});

test.skipIf(process.platform === 'win32')(
  'a pool whose threads are all busy is seen while it lasts and when it is over',
  async () => {
    const fifo = path.join(folder, 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    const clock = new ManualClock();
    const probe = new ThreadPoolProbe(clock);
    // To open a pipe for reading takes a thread until somebody opens it for writing.
    const opened = Array.from({ length: THREADS }, () => promisify(open)(fifo, 'r'));
    const started = performance.now();
    probe.probe();
    clock.advance(60_000);
    const whileBusy = probe.probe();
    // For both, as nobody needs to wait at the other end then.
    const writer = openSync(fifo, constants.O_RDWR);
    for (const reader of [...(await Promise.all(opened)), writer]) closeSync(reader);
    // Time for which the loop itself was busy, which is real time here, is not counted.
    const spent = performance.now() - started;
    expect(whileBusy).toBeGreaterThanOrEqual(60_000 - spent);
    expect(whileBusy).toBeLessThanOrEqual(60_000);
    await vi.waitFor(() => expect(probe.probe()).not.toBeNaN(), { timeout: 15_000 });
  },
);
