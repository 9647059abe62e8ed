import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { driverIsMissing } from './fixtures/driver.ts';
import { buildPrograms, type Peer, type Programs } from './fixtures/programs.ts';
import { CALL, setText, useTempFolder } from './fixtures/temp-folder.ts';

const START = { seq: 0, drop: 0 };

describe.skipIf(driverIsMissing || process.platform === 'win32')(
  'a file that another user may only read',
  () => {
    const temp = useTempFolder();
    let programs: Programs | undefined;
    let folder: string | undefined;

    beforeAll(async () => {
      programs = await buildPrograms();
    });
    afterEach(() => {
      if (folder !== undefined) chmodSync(folder, 0o755);
      folder = undefined;
    });
    afterAll(() => programs?.remove());

    function fileIn(name: string): string {
      folder = temp.at(name);
      mkdirSync(folder);
      chmodSync(path.dirname(folder), 0o755);
      return path.join(folder, 'cache.db');
    }

    /** Gives the file, its log and its folder these rights, and starts a process that has no others. */
    async function startReader(file: string, rights: number, ofFolder: number): Promise<Peer> {
      for (const suffix of ['', '-wal', '-shm']) {
        if (existsSync(file + suffix)) chmodSync(file + suffix, rights);
      }
      chmodSync(path.dirname(file), ofFolder);
      return programs?.startPeer(file, 'nobody') as Promise<Peer>;
    }

    it('is read while a process that may write it has it open; writes reject and health says so', async () => {
      const file = fileIn('open');
      const store = temp.open({ path: file });
      await setText(store, 'a', '1');
      const { id } = await store.fencing.delta(START, CALL);
      const reader = await startReader(file, 0o444, 0o555);
      expect(await reader.ask('get', 'a')).toBe('1');
      expect(await reader.ask('delta', 0, 0)).toMatchObject({ id });
      await expect(reader.ask('set', 'a', '2')).rejects.toThrow(/readonly database/);
      expect(await reader.ask('health')).toMatchObject({
        healthy: false,
        reason: 'the file cannot be written',
      });
      await setText(store, 'a', '3');
      expect(await reader.ask('get', 'a')).toBe('3');
      await reader.stop();
    });

    it('is refused with advice when nobody has it open and its folder cannot be written', async () => {
      const file = fileIn('closed');
      const store = temp.open({ path: file });
      await setText(store, 'a', '1');
      await store.close();
      const reader = await startReader(file, 0o444, 0o555);
      const advice = `${file} can be read, but not SQLite's log beside it be made; give this process's user the right to write the folder`;
      await expect(reader.ask('get', 'a')).rejects.toThrow(advice);
      await expect(reader.ask('delta', 0, 0)).rejects.toThrow(advice);
      await reader.stop();
    });

    it('is refused with its path and advice when it cannot even be read', async () => {
      const file = fileIn('closed');
      const store = temp.open({ path: file });
      await setText(store, 'a', '1');
      await store.close();
      const reader = await startReader(file, 0o000, 0o555);
      await expect(reader.ask('get', 'a')).rejects.toThrow(
        `${file} cannot be opened by this process's user; give that user the right to read and write`,
      );
      expect(await reader.ask('health')).toMatchObject({
        healthy: false,
        reason: expect.stringContaining(file) as string,
      });
      await reader.stop();
    });
  },
);
