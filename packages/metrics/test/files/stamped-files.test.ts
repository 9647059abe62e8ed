import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pruneFiles, stampedName } from '../../src/files/stamped-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'perf-stamped-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string): string {
  writeFileSync(path.join(folder, name), '');
  return name;
}

test('names of the same moment differ', () => {
  expect(stampedName(0, '.x')).not.toBe(stampedName(0, '.x'));
});

test('the oldest are removed, whichever process made them, and nothing else', async () => {
  const mine = put('notes.cpuprofile');
  const other = put('perf-20200101T000000000Z-1-0.heapsnapshot');
  const old = put('perf-20200101T000000000Z-999-0.cpuprofile');
  const kept = [2, 11].map((second) => put(stampedName(1_700_000_000_000 + second, '.cpuprofile')));
  await pruneFiles(folder, ['.cpuprofile'], 2);
  expect(readdirSync(folder).toSorted()).toEqual([mine, other, ...kept].toSorted());
  expect(readdirSync(folder)).not.toContain(old);
});

test('many files of one moment leave in the order of their numbers', async () => {
  const names = Array.from({ length: 12 }, () =>
    put(stampedName(1_700_000_000_000, '.cpuprofile')),
  );
  await pruneFiles(folder, ['.cpuprofile'], 3);
  expect(readdirSync(folder).toSorted()).toEqual(names.slice(-3).toSorted());
});
