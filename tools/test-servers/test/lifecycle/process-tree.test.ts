import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { continueTree, descendants, killTree, stopTree } from '../../src/lifecycle/process-tree.ts';

let shell: ChildProcess;
let pid: number;

/** A shell with a child, and a grandchild that has left the process group. */
beforeEach(async () => {
  shell = spawn('sh', ['-c', 'sleep 60 & sh -c "setsid sleep 61 & echo up; wait" & wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  pid = shell.pid ?? 0;
  if (shell.stdout !== null) await once(shell.stdout, 'data');
});
afterEach(async () => {
  await killTree(pid);
});

test('descendants are found wherever they have put themselves', () => {
  expect(descendants(pid)).toHaveLength(3);
  expect(descendants(2 ** 22 - 1)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a stopped tree is stopped whole when the call resolves, and continues whole',
  async () => {
    const tree = await stopTree(pid);
    expect(tree).toHaveLength(4);
    expect(tree.map(stateOf)).toEqual(['T', 'T', 'T', 'T']);
    continueTree(pid);
    expect(tree.map(stateOf)).not.toContain('T');
  },
);

test('a killed tree is gone, a stopped one too, and one that has ended is no error', async () => {
  const ended = once(shell, 'exit');
  await stopTree(pid);
  expect(await killTree(pid)).toHaveLength(4);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(await killTree(pid)).toEqual([]);
});

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}
