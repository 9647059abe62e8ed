import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock } from '@perf/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProfiler } from '../../src/profiler/profiler.ts';

/** The inspector is loaded and asked in real time, and files are written in it: on a busy machine that takes its while. */
const SLOWLY = { timeout: 60_000 };
const TEST_TIMEOUT = 360_000;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'perf-bursts-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

test(
  'while its condition holds a profile is taken, once in a cool-down, and told',
  { timeout: TEST_TIMEOUT },
  async () => {
    const clock = new ManualClock();
    await using profiler = createProfiler({
      clock,
      interval: '1s',
      signals: { eventLoop: false },
      captures: { dir },
      bursts: [{ name: 'always', when: () => true, for: '1s', duration: '30s', coolDown: '5m' }],
    });
    const captures: unknown[] = [];
    const published: unknown[] = [];
    const onMessage = (message: unknown): void => void published.push(message);
    subscribe('perf:profiler:capture', onMessage);
    profiler.on('capture', ({ burst, capture }) => captures.push([burst, capture.kind]));
    profiler.start();
    await clock.advanceAsync(2200);
    await expect.poll(() => clock.pendingTimers, SLOWLY).toBe(2);
    await clock.advanceAsync(30_000);
    await expect.poll(() => captures, SLOWLY).toEqual([['always', 'cpu']]);
    await clock.advanceAsync(260_000);
    expect(readdirSync(dir)).toHaveLength(1);
    await clock.advanceAsync(12_000);
    await expect.poll(() => clock.pendingTimers, SLOWLY).toBe(2);
    await clock.advanceAsync(30_000);
    await expect.poll(() => captures.length, SLOWLY).toBe(2);
    expect(published).toHaveLength(2);
    unsubscribe('perf:profiler:capture', onMessage);
  },
);

test(
  'a condition that throws, and a burst that fails, are events and nothing else',
  { timeout: TEST_TIMEOUT },
  async () => {
    const file = path.join(dir, 'file');
    writeFileSync(file, '');
    const clock = new ManualClock();
    await using profiler = createProfiler({
      clock,
      captures: { dir: path.join(file, 'inner') },
      bursts: [
        {
          name: 'broken',
          when: () => {
            throw new Error('condition');
          },
        },
        { name: 'nowhere', when: () => true, for: 0, duration: '10s' },
      ],
    });
    const errors: string[] = [];
    profiler.on('error', ({ during, burst }) => errors.push(`${during} ${burst}`));
    profiler.start();
    await clock.advanceAsync(200);
    await expect.poll(() => clock.pendingTimers, SLOWLY).toBe(2);
    await clock.advanceAsync(10_000);
    await expect.poll(() => errors, SLOWLY).toEqual(['condition broken', 'burst nowhere']);
  },
);

test('closing during a burst is no error', { timeout: TEST_TIMEOUT }, async () => {
  const clock = new ManualClock();
  const profiler = createProfiler({
    clock,
    captures: { dir },
    bursts: [{ when: () => true, for: 0 }],
  });
  const errors: unknown[] = [];
  profiler.on('error', (event) => errors.push(event));
  profiler.start();
  await clock.advanceAsync(200);
  await expect.poll(() => clock.pendingTimers, SLOWLY).toBe(2);
  await profiler.close();
  await expect.poll(() => clock.pendingTimers, SLOWLY).toBe(0);
  expect(errors).toEqual([]);
  expect(readdirSync(dir)).toEqual([]);
});
