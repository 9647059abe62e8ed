import { availableParallelism, totalmem } from 'node:os';
import { ManualClock } from '@perf/core/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { Cgroup } from '../../src/signals/cgroup.ts';
import { readLimits } from '../../src/signals/limits.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const unlimited = new Cgroup(new ManualClock(), '/nowhere');

function limited(memory: number, cpus: number): Cgroup {
  const cgroup = new Cgroup(new ManualClock(), '/nowhere');
  vi.spyOn(cgroup, 'limits').mockReturnValue({ memory, cpus });
  return cgroup;
}

test('without a control group the machine is the limit', () => {
  expect(readLimits(unlimited)).toMatchObject({
    memory: totalmem(),
    memorySource: 'machine',
    cpus: availableParallelism(),
    cpusSource: 'machine',
  });
});

test('a control group limits what it allows less of', () => {
  expect(readLimits(limited(1024, 0.5))).toMatchObject({
    memory: 1024,
    memorySource: 'cgroup',
    cpus: 0.5,
    cpusSource: 'cgroup',
  });
  expect(readLimits(limited(2 ** 60, 10_000))).toMatchObject({
    memorySource: 'machine',
    cpusSource: 'machine',
  });
});

test.each([
  [undefined, 4],
  ['16', 16],
  ['0', 1],
  ['many', 1],
  ['99999', 1024],
])('a thread pool of UV_THREADPOOL_SIZE=%s has %i threads', (setting, threads) => {
  vi.stubEnv('UV_THREADPOOL_SIZE', setting);
  expect(readLimits(unlimited).threadPool).toBe(threads);
});
