import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuWaitOf, readCpu, SCHEDULER_FILE } from '../../src/signals/cpu.ts';

test('the time without a processor is the second number of schedstat, in milliseconds', () => {
  expect(cpuWaitOf('18666 1493185 2\n')).toBe(1.493185);
  expect(cpuWaitOf(undefined)).toBeNaN();
});

test.runIf(existsSync(SCHEDULER_FILE))('the kernel tells it', () => {
  expect(cpuWaitOf(readFileSync(SCHEDULER_FILE, 'latin1'))).toBeGreaterThanOrEqual(0);
});

test('processor time is that of the process', () => {
  const { user, system } = process.cpuUsage();
  const read = readCpu();
  expect(read.user + read.system).toBeGreaterThanOrEqual((user + system) / 1000);
});
