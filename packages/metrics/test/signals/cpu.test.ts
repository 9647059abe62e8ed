import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readCpuWait } from '../../src/signals/cpu.ts';

test('the time without a processor is the second number of schedstat, in milliseconds', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'perf-cpu-'));
  const file = path.join(dir, 'schedstat');
  writeFileSync(file, '18666 1493185 2\n');
  expect(readCpuWait(file)).toBe(1.493185);
  rmSync(dir, { recursive: true });
  expect(readCpuWait(file)).toBeNaN();
});
