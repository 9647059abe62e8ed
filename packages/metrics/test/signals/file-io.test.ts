import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readIo } from '../../src/signals/file-io.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'perf-io-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('bytes of disks and of calls are told apart', () => {
  const file = path.join(folder, 'io');
  writeFileSync(
    file,
    'rchar: 11\nwchar: 22\nsyscr: 1\nsyscw: 2\nread_bytes: 33\nwrite_bytes: 44\ncancelled_write_bytes: 5\n',
  );
  expect(readIo(file)).toEqual({ read: 11, written: 22, diskRead: 33, diskWritten: 44 });
});

test('where the kernel has no such file, blocks are counted and the rest is not known', () => {
  const io = readIo(path.join(folder, 'none'));
  expect(io.diskWritten).toBeGreaterThanOrEqual(0);
  expect(io.read).toBeNaN();
  expect(io.written).toBeNaN();
});

test.runIf(existsSync('/proc/self/io'))('what is written to a file is counted', () => {
  const before = readIo();
  writeFileSync(path.join(folder, 'data'), Buffer.alloc(1_000_000));
  expect(readIo().written - before.written).toBeGreaterThanOrEqual(1_000_000);
});
