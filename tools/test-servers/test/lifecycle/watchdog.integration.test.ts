import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { processesIn } from '../fixtures/processes.ts';
import { redisMissing } from '../fixtures/redis.ts';

/** Starts a server, prints its folder, and goes on for ever. */
const program = `
  const [, start, mode] = process.argv;
  const server = await (await import('@perf/test-servers'))[start]({ env: {} });
  if (mode === 'frozen') await server.freeze();
  if (mode === 'exit') process.exitCode = 3;
  console.log(server.process.folder);
  if (mode !== 'exit') setInterval(() => {}, 1000);
`;

type Start = 'startRedis' | 'startPostgres';

/** The one that starts sooner, where there is one. */
const anyServer: Start = redisMissing === undefined ? 'startRedis' : 'startPostgres';

test.each<[string, NodeJS.Signals, Start]>([
  ['is killed', 'SIGKILL', 'startPostgres'],
  ['is killed', 'SIGKILL', anyServer],
  ['is interrupted', 'SIGINT', anyServer],
  ['is terminated', 'SIGTERM', anyServer],
])('when our process %s (%s), the server of %s and its folder go', async (_how, signal, start) => {
  const { child, folder } = await startProgram(start, 'run');
  expect(processesIn(folder)).not.toEqual([]);
  child.kill(signal);
  await expectGone(folder);
});

test('when our process is killed, a frozen server goes too', async () => {
  const { child, folder } = await startProgram(anyServer, 'frozen');
  expect(processesIn(folder)).not.toEqual([]);
  child.kill('SIGKILL');
  await expectGone(folder);
});

test('a server that was not stopped does not keep our process alive, and goes with it', async () => {
  const { child, folder } = await startProgram(anyServer, 'exit');
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(3);
  await expectGone(folder);
});

async function startProgram(
  start: Start,
  mode: string,
): Promise<{ child: ChildProcess; folder: string }> {
  const child = spawn(
    process.execPath,
    // On the sources, like the test itself.
    [
      '--conditions=@perf/source',
      '--import=tsx',
      '--input-type=module',
      '-e',
      program,
      start,
      mode,
    ],
    {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [folder] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, folder };
}

async function expectGone(folder: string): Promise<void> {
  await vi.waitFor(
    () => {
      expect(processesIn(folder)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
    },
    { timeout: 10_000, interval: 20 },
  );
}
