import { mkdtempSync, readdirSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { numberAfter, ProcFile, readProcFile } from '../../src/signals/proc-file.ts';

test('a number is found at the beginning of a line, and nowhere else', () => {
  const text = 'rchar: 5\nxwchar: 7\nwchar:\t 9 kB\nlast 11';
  expect(numberAfter(text, 'rchar')).toBe(5);
  expect(numberAfter(text, 'wchar')).toBe(9);
  expect(numberAfter(text, 'last')).toBe(11);
  expect(numberAfter(text, 'char')).toBeUndefined();
  expect(numberAfter('a: b', 'a')).toBeUndefined();
});

test('a file that is not there is undefined', () => {
  expect(readProcFile('/proc/self/there-is-no-such-file')).toBeUndefined();
});

test('a file that stays open is read as it is now, however long it is', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-proc-'));
  const name = path.join(folder, 'file');
  writeFileSync(name, 'one');
  const file = new ProcFile(name);
  expect(file.read()).toBe('one');
  writeFileSync(name, 'x'.repeat(5000));
  expect(file.read()).toBe('x'.repeat(5000));
  writeFileSync(name, '');
  expect(file.read()).toBe('');
  file.close();
  file.close();
  expect(file.read()).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('a file that is not there has no text', () => {
  const file = new ProcFile('/proc/self/there-is-no-such-file');
  expect(file.read()).toBeUndefined();
  file.close();
});

test.runIf(existsSync('/proc/self/fd'))('a file that is closed is not open', () => {
  const files = Array.from({ length: 50 }, () => new ProcFile('/proc/self/stat'));
  const open = readdirSync('/proc/self/fd').length;
  for (const file of files) file.close();
  expect(readdirSync('/proc/self/fd').length).toBeLessThan(open - 25);
});
