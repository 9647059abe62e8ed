import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOpenFiles, readOpenFilesLimit } from '../../src/signals/open-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'perf-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.runIf(existsSync('/proc/self/fd'))('a file that is opened is one more', () => {
  const before = readOpenFiles();
  const files = Array.from({ length: 20 }, () => openSync(import.meta.filename, 'r'));
  // The test runner may open and close some meanwhile.
  expect(readOpenFiles()).toBeGreaterThanOrEqual(before + 10);
  for (const file of files) closeSync(file);
});

test('where the system does not tell, it is not known', () => {
  expect(readOpenFiles(path.join(folder, 'none'))).toBeNaN();
  expect(readOpenFilesLimit(path.join(folder, 'none'))).toBeNaN();
});

test('the limit is read from its line, and may be none', () => {
  const file = path.join(folder, 'limits');
  writeFileSync(
    file,
    'Max processes  5  5 processes\nMax open files            1024   4096  files\n',
  );
  expect(readOpenFilesLimit(file)).toBe(1024);
  writeFileSync(
    file,
    'Max open files            unlimited            unlimited            files\n',
  );
  expect(readOpenFilesLimit(file)).toBe(Infinity);
});
