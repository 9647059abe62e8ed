import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { processesIn } from '../fixtures/processes.ts';

/** Starts a server, prints its folder, and goes on for ever. */
const program = `
  const { startPostgres } = await import('@perf/test-servers');
  const server = await startPostgres({ env: {} });
  if (process.argv[1] === 'frozen') await server.freeze();
  if (process.argv[1] === 'exit') process.exitCode = 3;
  console.log(server.process.folder);
  if (process.argv[1] !== 'exit') setInterval(() => {}, 1000);
`;

for (const [how, signal] of [
  ['is killed', 'SIGKILL'],
  ['is interrupted', 'SIGINT'],
  ['is terminated', 'SIGTERM'],
] as const) {
  test(`when our process ${how}, its server and folder go`, async () => {
    const { child, folder } = await startProgram('run');
    expect(processesIn(folder)).not.toEqual([]);
    child.kill(signal);
    await expectGone(folder);
  });
}

test('when our process is killed, a frozen server goes too', async () => {
  const { child, folder } = await startProgram('frozen');
  expect(processesIn(folder)).not.toEqual([]);
  child.kill('SIGKILL');
  await expectGone(folder);
});

test('a server that was not stopped does not keep our process alive, and goes with it', async () => {
  const { child, folder } = await startProgram('exit');
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(3);
  await expectGone(folder);
});

async function startProgram(mode: string): Promise<{ child: ChildProcess; folder: string }> {
  const child = spawn(
    process.execPath,
    // On the sources, like the test itself.
    ['--conditions=@perf/source', '--import=tsx', '--input-type=module', '-e', program, mode],
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
