import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Folder, removeEntry, removeTree, shardState } from '../../src/disk/folder.ts';
import { makeTemporaryFolder, removeFolder } from '../fixtures/temporary-folder.ts';

async function temporary(): Promise<string> {
  const base = await makeTemporaryFolder();
  onTestFinished(() => removeFolder(base));
  return base;
}

async function fill(folder: string, files: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < files; index++) await writeFile(join(folder, `${index}`), '');
}

const noPause = (): Promise<void> => Promise.resolve();

describe('removeTree', () => {
  it('deletes files, links and folders of any depth, and takes what is gone as deleted', async () => {
    const base = await temporary();
    await fill(join(base, 'tree/a/b/c'), 20);
    await fill(join(base, 'tree'), 20);
    await symlink('/nowhere', join(base, 'tree/link'));
    await removeTree(join(base, 'tree'), noPause);
    await removeTree(join(base, 'tree'), noPause);
    await symlink(base, join(base, 'link'));
    await removeTree(join(base, 'link'), noPause);
    expect(await readdir(base)).toEqual([]);
  });

  it('pauses between slices', async () => {
    const base = await temporary();
    await fill(join(base, 'tree'), 50);
    const left: number[] = [];
    await removeTree(join(base, 'tree'), async () => {
      left.push((await readdir(join(base, 'tree'))).length);
    });
    expect(left.length).toBeGreaterThan(3);
    expect(left.at(0)).toBeLessThan(50);
    expect(left.at(-1)).toBe(0);
  });

  it.runIf(process.platform === 'linux')(
    'deletes nothing elsewhere when its folder is exchanged for a link meanwhile',
    async () => {
      const base = await temporary();
      await fill(join(base, 'tree'), 50);
      await fill(join(base, 'outside'), 50);
      let exchanged = false;
      await removeTree(join(base, 'tree'), async () => {
        if (exchanged) return;
        exchanged = true;
        await rename(join(base, 'tree'), join(base, 'moved'));
        await symlink(join(base, 'outside'), join(base, 'tree'));
      });
      expect(await readdir(join(base, 'outside'))).toHaveLength(50);
      expect(await readdir(join(base, 'moved'))).toEqual([]);
    },
  );

  it('gives up on folders nested deeper than any of ours', async () => {
    const base = await temporary();
    const deep = join(base, 'tree', ...Array.from({ length: 40 }, () => 'x'));
    await mkdir(deep, { recursive: true });
    await expect(removeTree(join(base, 'tree'), noPause)).rejects.toThrow('too deeply');
  });
});

describe('a shard', () => {
  it('is a folder, absent, or planted', async () => {
    const base = await temporary();
    await mkdir(join(base, 'folder'));
    await writeFile(join(base, 'file'), '');
    await symlink(join(base, 'folder'), join(base, 'link'));
    const states = ['folder', 'absent', 'file', 'link'].map((name) => shardState(join(base, name)));
    expect(await Promise.all(states)).toEqual(['folder', 'absent', 'planted', 'planted']);
  });

  it('is made in place of whatever stands there', async () => {
    const base = await temporary();
    const folder = new Folder(base);
    const path = join(base, 'shard');
    await writeFile(path, '');
    await folder.makeShard(base, path);
    await folder.makeShard(base, path);
    expect(await shardState(path)).toBe('folder');
  });

  it('is moved away once, however many find it planted', async () => {
    const base = await temporary();
    const folder = new Folder(base);
    const path = join(base, 'shard');
    await symlink('/', path);
    const moved = await Promise.all([
      folder.unplant(base, path),
      folder.makeShard(base, path).then(() => undefined),
      folder.unplant(base, path),
    ]);
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect(await shardState(path)).toBe('folder');
  });
});

describe('the folder', () => {
  it('is opened once by many, and again after a failure', async () => {
    const base = await temporary();
    await writeFile(join(base, 'file'), '');
    const folder = new Folder(join(base, 'file'));
    await expect(Promise.all([folder.open(), folder.open()])).rejects.toThrow('EEXIST');
    await rm(join(base, 'file'));
    expect(await Promise.all([folder.open(), folder.open()])).toEqual([
      join(base, 'file'),
      join(base, 'file'),
    ]);
    expect(folder.root).toBe(join(base, 'file'));
  });
});

it('removing an entry tells whether there was one, and moves a folder to the trash', async () => {
  const base = await temporary();
  await writeFile(join(base, 'file'), '');
  await fill(join(base, 'folder'), 2);
  expect(await removeEntry(base, join(base, 'file'))).toBe(true);
  expect(await removeEntry(base, join(base, 'file'))).toBe(false);
  expect(await removeEntry(base, join(base, 'folder'))).toBe(true);
  expect(await readdir(base)).toEqual([expect.stringMatching(/^perf1-trash-/)]);
});
