import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeSelf } from '../../src/lifecycle/owner.ts';
import { reapStaleFolders } from '../../src/lifecycle/reaper.ts';
import { layoutOf, type RunFolder } from '../../src/lifecycle/run-layout.ts';

let root: string;
let servers: ChildProcess[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'reaper-'));
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

test('the folder of a dead owner is removed and its server killed', async () => {
  const folder = runFolder('perf-run-x-1', deadPid());
  const server = serve(folder);
  const ended = once(server, 'exit');
  await reapStaleFolders(root);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder.path)).toBe(false);
});

test('the folder of a living owner stays, and its server runs on', async () => {
  const folder = runFolder('perf-run-x-1', process.pid);
  const server = serve(folder);
  await reapStaleFolders(root);
  expect(existsSync(folder.path)).toBe(true);
  expect(server.signalCode).toBe(null);
  expect(process.kill(server.pid ?? 0, 0)).toBe(true);
});

test('a process elsewhere that was given the number of a dead server is spared', async () => {
  const folder = runFolder('perf-run-x-1', deadPid());
  const stranger = spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore' });
  servers.push(stranger);
  writeFileSync(folder.pidFile, String(stranger.pid));
  await reapStaleFolders(root);
  expect(existsSync(folder.path)).toBe(false);
  expect(process.kill(stranger.pid ?? 0, 0)).toBe(true);
});

test('folders that are not ours, or damaged, are left and hinder nothing', async () => {
  mkdirSync(join(root, 'perf-run-damaged'));
  mkdirSync(join(root, 'other'));
  const stale = runFolder('perf-run-z', deadPid());
  await reapStaleFolders(root);
  expect(existsSync(join(root, 'perf-run-damaged'))).toBe(true);
  expect(existsSync(join(root, 'other'))).toBe(true);
  expect(existsSync(stale.path)).toBe(false);
});

function deadPid(): number {
  return spawnSync('true').pid;
}

function runFolder(name: string, owner: number): RunFolder {
  const folder = layoutOf(join(root, name));
  mkdirSync(folder.home, { recursive: true });
  const { namespace } = describeSelf();
  writeFileSync(
    folder.ownerFile,
    JSON.stringify({ pid: owner, ...(namespace !== undefined && { namespace }) }),
  );
  return folder;
}

function serve(folder: RunFolder): ChildProcess {
  const server = spawn('sleep', ['60'], { cwd: folder.home, stdio: 'ignore' });
  servers.push(server);
  writeFileSync(folder.pidFile, String(server.pid));
  return server;
}
