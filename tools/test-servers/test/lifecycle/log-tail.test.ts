import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logTail } from '../../src/lifecycle/log-tail.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-tail-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('only the end of a long log is shown', () => {
  const path = join(folder, 'log');
  writeFileSync(path, `${'a'.repeat(10_000)}the end\n`);
  expect(logTail(path, 10)).toBe('aathe end');
});

test('a log that is empty or absent is named as such', () => {
  const path = join(folder, 'log');
  expect(logTail(path)).toBe('(no log)');
  writeFileSync(path, '\n');
  expect(logTail(path)).toBe('(the log is empty)');
});
