import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeSelf } from '../../src/lifecycle/owner.ts';
import { takeTurn } from '../../src/lifecycle/turn.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perf-turn-'));
  file = join(folder, 'turn');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const never = (): boolean => false;

test('only one has the turn; the next one gets it when that is given up', async () => {
  const first = await takeTurn('any', file, 60_000, never);
  let isSecond = false;
  const second = takeTurn('any', file, 60_000, never).then((turn) => {
    isSecond = true;
    return turn;
  });
  await expect(takeTurn('any', file, 0, never)).rejects.toThrow(
    new RegExp(`process ${process.pid} has been busy`),
  );
  expect(isSecond).toBe(false);
  first?.release();
  (await second)?.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('who waits stops waiting when there is nothing left to do', async () => {
  let isDone = false;
  const turn = await takeTurn('any', file, 60_000, never);
  const waiting = takeTurn('any', file, 60_000, () => isDone);
  isDone = true;
  expect(await waiting).toBe(undefined);
  turn?.release();
});

test('the turn of a process that has ended is passed over', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, JSON.stringify({ ...describeSelf(), pid }));
  const turn = await takeTurn('any', file, 60_000, never);
  turn?.release();
  expect(existsSync(file)).toBe(false);
});
