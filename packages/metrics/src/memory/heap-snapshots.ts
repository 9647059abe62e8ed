import { chmod, mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import type { Clock } from '@perf/core';
import { HeapSnapshotError } from '../errors.ts';
import { pruneFiles, stampedName } from '../files/stamped-files.ts';
import type { HeapSnapshotSettings } from './options.ts';
import type { HeapSnapshotEvent, MemoryReading } from './telemetry.ts';

const EXTENSION = '.heapsnapshot';
/** A snapshot takes one to two times the heap on the disk. */
const ROOM = 3;

/** Snapshots of the heap: seldom, and only so many, and only while there is room on the disk. */
export class HeapSnapshots {
  readonly #settings: HeapSnapshotSettings;
  readonly #clock: Clock;
  #lastTry = -Infinity;

  constructor(settings: HeapSnapshotSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  isDue({ heapShare }: MemoryReading): boolean {
    const { above, coolDown } = this.#settings;
    return heapShare >= above && this.#clock.now() - this.#lastTry >= coolDown;
  }

  /** Writes one, and then removes the oldest beyond the maximum. Rejects with a {@link HeapSnapshotError}, or an error of the file system. */
  async write({ heapUsed }: MemoryReading): Promise<Omit<HeapSnapshotEvent, 'watch'>> {
    this.#lastTry = this.#clock.now();
    const folder = path.resolve(this.#settings.dir);
    await mkdir(folder, { recursive: true });
    await this.#checkRoom(folder, heapUsed * ROOM + this.#settings.minFree);
    const file = path.join(folder, stampedName(this.#clock.epoch(), EXTENSION));
    const unfinished = `${file}.tmp`;
    const start = this.#clock.now();
    try {
      writeHeapSnapshot(unfinished);
      const took = this.#clock.now() - start;
      await chmod(unfinished, 0o600);
      await rename(unfinished, file);
      const { size } = await stat(file);
      await pruneFiles(folder, [EXTENSION], this.#settings.maxFiles);
      return { file, bytes: size, took };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async #checkRoom(folder: string, wanted: number): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < wanted) throw new HeapSnapshotError(folder, bavail * bsize, wanted);
  }
}
