import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isBroken, packageManagerChain } from '../src/package-manager.ts';

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chain-'));
  children = [];
});
afterEach(() => {
  for (const child of children) {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  rmSync(folder, { recursive: true });
});

test('the chain goes up to the outermost package manager, through the shells between', async () => {
  const { outer, inner } = await startChain('pnpm');
  const chain = packageManagerChain(inner);
  expect(chain[0]?.pid).toBe(inner);
  expect(chain.at(-1)?.pid).toBe(outer.pid);
  expect(isBroken(chain)).toBe(false);
});

test('the chain is broken when the package manager has ended, and we have not', async () => {
  const { outer, inner } = await startChain('pnpm');
  const chain = packageManagerChain(inner);
  outer.kill('SIGKILL');
  await vi.waitFor(
    () => {
      expect(isBroken(chain)).toBe(true);
    },
    { timeout: 10_000 },
  );
});

test('without a package manager the chain is the process alone, which is never broken', async () => {
  const { outer, inner } = await startChain('other');
  const chain = packageManagerChain(inner);
  expect(chain.map((link) => link.pid)).toEqual([inner]);
  outer.kill('SIGKILL');
  await once(outer, 'exit');
  expect(isBroken(chain)).toBe(false);
});

/** A program of a name, which runs a shell, which runs a process that tells its number. */
async function startChain(name: string): Promise<{ outer: ChildProcess; inner: number }> {
  const program = join(folder, name);
  writeFileSync(program, `#!/bin/bash\nsh -c 'sleep 60 & echo "$!"; wait' x & wait\n`);
  chmodSync(program, 0o755);
  const outer = spawn(program, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(outer);
  const [line] = (await once(outer.stdout.setEncoding('utf8'), 'data')) as [string];
  return { outer, inner: Number(line) };
}
