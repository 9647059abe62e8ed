import { chmod, chown, readdir, stat } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fsStore } from '../src/index.ts';
import { LONG, filesIn, get, set } from './fixtures/harness.ts';
import { makeTemporaryFolder, removeFolder } from './fixtures/temporary-folder.ts';
import { bundleProgram, startWorker, type WorkerProcess } from './fixtures/worker-process.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let base = '';
let bundle = '';

beforeAll(async () => {
  base = await makeTemporaryFolder();
  bundle = await bundleProgram('store-worker', base);
});

afterAll(async () => {
  await removeFolder(base);
});

async function workers(
  count: number,
  options: object = {},
): Promise<{ dir: string; all: WorkerProcess[] }> {
  const dir = await makeTemporaryFolder();
  const all = Array.from({ length: count }, () => startWorker(bundle));
  onTestFinished(async () => {
    await Promise.all(all.map((worker) => worker.kill()));
    await removeFolder(dir);
  });
  await Promise.all(all.map((worker) => worker.ask({ do: 'open', options: { dir, ...options } })));
  return { dir, all };
}

describe('several processes on one folder', () => {
  it('see what the others write, delete and clear', async () => {
    const {
      all: [one, two],
    } = await workers(2);
    expect(await one?.ask({ do: 'set', key: 'a', value: '1', ttl: LONG })).toBe('stored');
    expect(await two?.ask({ do: 'get', key: 'a' })).toBe('1');
    await two?.ask({ do: 'set', key: 'a', value: '2', ttl: LONG });
    expect(await one?.ask({ do: 'get', key: 'a' })).toBe('2');
    expect(await one?.ask({ do: 'delete', key: 'a' })).toBe(1);
    expect(await two?.ask({ do: 'get', key: 'a' })).toBeNull();
    await one?.ask({ do: 'set', key: 'b', value: '3', ttl: LONG });
    await two?.ask({ do: 'clear' });
    expect(await one?.ask({ do: 'get', key: 'b' })).toBeNull();
    expect(await one?.ask({ do: 'set', key: 'b', value: '4', ttl: LONG })).toBe('stored');
    expect(await two?.ask({ do: 'get', key: 'b' })).toBe('4');
  });

  it('write, sweep and clear side by side without an error', async () => {
    const { dir, all } = await workers(3, { maxEntries: 50 });
    await Promise.all(
      all.map(async (worker, who) => {
        for (let index = 0; index < 60; index++) {
          const key = `${who}:${index % 40}`;
          const result = await worker.ask({ do: 'set', key, value: 'value', ttl: LONG });
          expect(result).toBe('stored');
          if (index % 20 === who) await worker.ask({ do: 'clear' });
          if (index % 15 === who) await worker.ask({ do: 'sweep' });
        }
      }),
    );
    for (const worker of all) {
      await worker.ask({ do: 'sweep' });
      expect(await worker.ask({ do: 'stats' })).toMatchObject({ damaged: 0 });
    }
    expect((await filesIn(dir)).length).toBeLessThanOrEqual(50);
  });

  it('together end within the bound after a sweep', async () => {
    const { dir, all } = await workers(2, { maxEntries: 20 });
    await Promise.all(
      all.map(async (worker, who) => {
        for (let index = 0; index < 50; index++) {
          await worker.ask({ do: 'set', key: `${who}:${index}`, value: 'value', ttl: LONG });
        }
      }),
    );
    expect((await filesIn(dir)).length).toBeLessThanOrEqual(60);
    await all[0]?.ask({ do: 'sweep' });
    expect(await filesIn(dir)).toHaveLength(20);
  });
});

describe('access rights', () => {
  it('a folder without write access can be read; writes are store trouble', async () => {
    const {
      dir,
      all: [worker],
    } = await workers(1);
    const uid = isRoot ? { uid: NOBODY } : {};
    const store = fsStore({ dir });
    await set(store, 'a', 'value');
    await store.close();
    await giveTo(dir, isRoot ? NOBODY : undefined);
    await chmod(dir, 0o500);
    await worker?.ask({ do: 'open', options: { dir }, ...uid });
    expect(await worker?.ask({ do: 'get', key: 'a' })).toBe('value');
    await expect(worker?.ask({ do: 'set', key: 'b', value: '1', ttl: LONG })).rejects.toThrow(
      'StoreUnavailableError',
    );
    expect(await worker?.ask({ do: 'health' })).toMatchObject({ healthy: false });
    await chmod(dir, 0o700);
    expect(await worker?.ask({ do: 'set', key: 'b', value: '1', ttl: LONG })).toBe('stored');
  });

  it('a file that may not be read is absent and removed', async () => {
    const {
      dir,
      all: [worker],
    } = await workers(1);
    const store = fsStore({ dir });
    await set(store, 'a', 'value');
    await store.close();
    await giveTo(dir, isRoot ? NOBODY : undefined);
    const [file = ''] = await filesIn(dir);
    await chmod(join(dir, file), 0);
    await worker?.ask({ do: 'open', options: { dir }, ...(isRoot ? { uid: NOBODY } : {}) });
    expect(await worker?.ask({ do: 'get', key: 'a' })).toBeNull();
    expect(await filesIn(dir)).toEqual([]);
    expect(await worker?.ask({ do: 'stats' })).toMatchObject({ damaged: 1 });
  });
});

it('a limit on the length of files refuses the value and leaves nothing behind', async () => {
  const dir = await makeTemporaryFolder();
  onTestFinished(() => removeFolder(dir));
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    // Blocks of 512 bytes; the signal that comes with the error would end the process.
    `trap '' XFSZ; ulimit -f 40; exec "$0" "$@"`,
    process.execPath,
    await bundleProgram('limited-program', base),
    dir,
  ]);
  expect(JSON.parse(stdout)).toEqual(['stored', 'refused', null, 'stored']);
  const store = fsStore({ dir });
  expect(await get(store, 'a')).toBeUndefined();
  expect(await get(store, 'b')).toBe('value');
  await store.close();
  expect((await readdir(dir)).filter((name) => name.includes('tmp'))).toEqual([]);
});

it('a process that forgets to close the store ends all the same', async () => {
  const dir = await makeTemporaryFolder();
  onTestFinished(() => removeFolder(dir));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [await bundleProgram('forgetful-program', base), dir],
    { timeout: 20_000 },
  );
  expect(stdout.trim()).toBe('stored');
});

/** A folder with everything in it. */
async function giveTo(path: string, uid: number | undefined): Promise<void> {
  if (uid === undefined) return;
  await chown(path, uid, uid);
  if (!(await stat(path)).isDirectory()) return;
  for (const name of await readdir(path)) await giveTo(join(path, name), uid);
}
