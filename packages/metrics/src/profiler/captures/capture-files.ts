import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pruneFiles, stampedName } from '../../files/stamped-files.ts';
import type { CaptureKind } from './capture.ts';

const EXTENSIONS: Readonly<Record<CaptureKind, string>> = {
  cpu: '.cpuprofile',
  heap: '.heapprofile',
};

/** Folders that hold so many captures at most, whichever process made them. */
export class CaptureFiles {
  readonly #maxFiles: number;

  constructor(maxFiles: number) {
    this.#maxFiles = maxFiles;
  }

  /**
   * Writes a whole file or none, readable by its owner alone, and removes the oldest captures beyond the maximum.
   * @returns its whole path
   */
  async write(dir: string, kind: CaptureKind, time: number, text: string): Promise<string> {
    const folder = path.resolve(dir);
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, stampedName(time, EXTENSIONS[kind]));
    const unfinished = `${file}.tmp`;
    try {
      await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await pruneFiles(folder, Object.values(EXTENSIONS), this.#maxFiles);
    return file;
  }
}
