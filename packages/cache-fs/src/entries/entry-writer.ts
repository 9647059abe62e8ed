import { crc32 } from 'node:zlib';
import type { StoreWrite, WriteResult } from '@perf/cache-core';
import type { CallScope } from '../ordering/call-scope.ts';
import type { Entries } from './entries.ts';
import { HEAD_BYTES, encodeHead } from './entry-format.ts';
import type { Evictor } from '../maintenance/evictor.ts';
import {
  CREATE,
  FOLDER,
  close,
  codeOf,
  open,
  rename,
  syncFile,
  unlink,
  writeAll,
} from '../disk/file-calls.ts';
import { moveAside, removeEntry } from '../disk/folder.ts';
import type { RefusalReason } from '../fs-store-events.ts';
import { entryPath, shardOf, temporaryPath } from '../disk/layout.ts';
import type { StoreParts } from '../store-parts.ts';

/** How far a write has come; what its caller is told when the deadline passes. */
export interface WriteProgress {
  /** `waiting`: nothing can be seen of it yet. `committing`: it can take effect any moment. */
  phase: 'waiting' | 'committing' | WriteResult;
}

const RENAME_ATTEMPTS = 3;

/** Writes entries: into a file of another name, which then takes the entry's name in one step. */
export class EntryWriter {
  readonly #parts: StoreParts;
  readonly #entries: Entries;
  readonly #evictor: Evictor;

  constructor(parts: StoreParts, entries: Entries, evictor: Evictor) {
    this.#parts = parts;
    this.#entries = entries;
    this.#evictor = evictor;
  }

  /** Rejects when the deadline passes before the last step, and nothing has changed then. */
  async write(
    name: string,
    entry: StoreWrite,
    scope: CallScope,
    progress: WriteProgress,
  ): Promise<WriteResult> {
    const { index, options } = this.#parts;
    const key = Buffer.from(entry.key);
    const bytes = HEAD_BYTES + key.length + entry.bytes.length;
    if (entry.bytes.length > options.maxValueBytes || bytes > options.maxBytes) {
      return this.#refuse(name, entry.key, 'tooLarge');
    }
    const known = index.get(name);
    const room = this.#evictor.makeRoom(known === undefined ? 1 : 0, bytes - (known?.bytes ?? 0));
    const now = options.clock.epoch();
    const until = now + entry.ttl;
    let result: WriteResult;
    try {
      const head = {
        since: now,
        until,
        bodyBytes: entry.bytes.length,
        bodySum: crc32(entry.bytes),
      };
      result = await this.#store(name, [encodeHead(key, head), entry.bytes], room, scope, progress);
    } catch (error) {
      await room;
      if (!isExhausted(error)) throw error;
      return this.#refuse(name, entry.key, 'noSpace', error);
    }
    const used = index.moment(now);
    index.put(name, { bytes, used, marked: now, until });
    // Writes side by side may have been given the same room.
    if (index.exceeded()) await this.#evictor.makeRoom();
    this.#parts.counters.stored++;
    return result;
  }

  async #store(
    name: string,
    parts: readonly Uint8Array[],
    room: Promise<void>,
    scope: CallScope,
    progress: WriteProgress,
  ): Promise<WriteResult> {
    const { folder } = this.#parts;
    const shard = this.#entries.shard(await folder.open(), name);
    shard.catch(() => undefined);
    const temporary = await this.#writeTemporary(parts);
    try {
      const root = await folder.open();
      if ((await shard) !== 'folder') await this.#makeShard(root, name);
      await room;
      scope.check();
      progress.phase = 'committing';
      await this.#commit(root, temporary, name);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    if (!this.#parts.options.fsync) return 'stored';
    return this.#syncShard(name).then(
      () => 'stored',
      () => 'unknown',
    );
  }

  async #writeTemporary(parts: readonly Uint8Array[]): Promise<string> {
    const { folder, index, options } = this.#parts;
    let path = temporaryPath(await folder.open(), options.clock.epoch());
    let fd: number;
    try {
      fd = await open(path, CREATE);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // Somebody removed the whole folder.
      index.clear();
      path = temporaryPath(await folder.reopen(), options.clock.epoch());
      fd = await open(path, CREATE);
    }
    try {
      try {
        await writeAll(fd, parts);
        if (options.fsync) await syncFile(fd);
      } finally {
        // Some file systems tell only now that there was no space.
        await close(fd);
      }
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    }
    return path;
  }

  async #commit(root: string, temporary: string, name: string): Promise<void> {
    const path = entryPath(root, name);
    for (let attempt = 1; ; attempt++) {
      try {
        await rename(temporary, path);
        return;
      } catch (error) {
        const code = codeOf(error) ?? '';
        if (attempt === RENAME_ATTEMPTS) throw error;
        if (code === 'ENOENT' || code === 'ENOTDIR') await this.#makeShard(root, name);
        else if (isFolderInTheWay(code)) await moveAside(root, path);
        else throw error;
      }
    }
  }

  /** The shard is not there: the store is new, or another process has cleared it. */
  async #makeShard(root: string, name: string): Promise<void> {
    const { folder, index } = this.#parts;
    const known = index.change;
    await folder.makeShard(root, `${root}/${shardOf(name)}`);
    index.reconcile(shardOf(name), new Set(), known);
  }

  async #syncShard(name: string): Promise<void> {
    const root = await this.#parts.folder.open();
    const fd = await open(`${root}/${shardOf(name)}`, FOLDER);
    try {
      await syncFile(fd);
    } finally {
      await close(fd);
    }
  }

  /** The former entry must not outlive the value that was to replace it. */
  async #refuse(
    name: string,
    key: string,
    reason: RefusalReason,
    cause?: unknown,
  ): Promise<WriteResult> {
    const { counters, events, folder, index } = this.#parts;
    const root = await folder.open();
    if ((await this.#entries.shard(root, name)) === 'folder') {
      await removeEntry(root, entryPath(root, name));
    }
    index.delete(name);
    counters.refused++;
    events.emit('refused', { key, reason, ...(cause === undefined ? {} : { cause }) });
    return 'refused';
  }
}

function isExhausted(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '');
}

function isFolderInTheWay(code: string): boolean {
  return ['EISDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(code);
}
