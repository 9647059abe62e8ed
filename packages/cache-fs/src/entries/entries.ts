import type { StoredEntry } from '@perf/cache-core';
import type { CallScope } from '../ordering/call-scope.ts';
import { HEAD_BYTES, encodeHead, remaining, type Damage, type EntryHead } from './entry-format.ts';
import type { EntryReading, FoundHead, HeadReading } from './entry-reader.ts';
import { UPDATE, close, isAbsent, isNoFile, open, setUsed, writeAt } from '../disk/file-calls.ts';
import { removeEntry, shardState } from '../disk/folder.ts';
import { entryName, entryPath, shardOf } from '../disk/layout.ts';
import type { StoreParts } from '../store-parts.ts';

/** A file is marked as used at most this often, in milliseconds: that orders entries after a restart. */
const MARK_INTERVAL = 60_000;

/** Reads, touches and deletes single entries; to be called in the order that `OperationOrder` gives. */
export class Entries {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  async get(name: string, key: string): Promise<StoredEntry | undefined> {
    const { counters, index, options } = this.#parts;
    const now = options.clock.epoch();
    const found = await this.#read(name, key, now);
    if (found === undefined || found.head.until <= now) {
      counters.misses++;
      if (found === undefined) index.delete(name);
      return undefined;
    }
    counters.hits++;
    return { bytes: found.bytes, remaining: remaining(found.head, now) };
  }

  /** What an entry's head says; `undefined` where there is none. */
  async head(name: string): Promise<FoundHead | undefined> {
    const { folder, options, reader } = this.#parts;
    const root = await folder.open();
    const path = entryPath(root, name);
    let reading: HeadReading = { kind: 'absent' };
    // Twice, for another process may have been changing the lifetime.
    for (let attempt = 0; attempt < 2; attempt++) {
      reading = await reader.readHead(path, options.clock.epoch());
      if (reading.kind !== 'damaged') break;
    }
    if (reading.kind === 'found' && entryName(reading.key) !== name) {
      reading = { kind: 'damaged', reason: 'key' };
    }
    if (reading.kind === 'found') return reading;
    if (reading.kind === 'damaged') await this.discard(name, undefined, reading);
    return undefined;
  }

  /** False if there was none, or it had expired. */
  async delete(name: string): Promise<boolean> {
    const { counters, folder, index, options } = this.#parts;
    const root = await folder.open();
    if ((await this.shard(root, name)) !== 'folder') {
      index.delete(name);
      return false;
    }
    const now = options.clock.epoch();
    const until = index.get(name)?.until ?? (await this.head(name))?.head.until;
    const removed = await removeEntry(root, entryPath(root, name));
    index.delete(name);
    if (!removed || until === undefined || until <= now) return false;
    counters.deleted++;
    return true;
  }

  /**
   * Sets the lifetime of an entry that exists. The head is overwritten in its place: a new file could
   * replace what another process has written since the old one was read.
   */
  async touch(name: string, key: string, ttl: number, scope: CallScope): Promise<void> {
    const { folder, options, reader } = this.#parts;
    const root = await folder.open();
    if ((await this.shard(root, name)) !== 'folder') return;
    let fd: number;
    try {
      fd = await open(entryPath(root, name), UPDATE);
    } catch (error) {
      // What is not readable is found by the next read.
      if (isAbsent(error) || isNoFile(error)) return;
      throw error;
    }
    try {
      const now = options.clock.epoch();
      const reading = await reader.readHeadOf(fd, now);
      if (reading.kind !== 'found' || !isKey(reading.key, key) || reading.head.until <= now) return;
      const head = { ...reading.head, since: now, until: now + ttl };
      scope.check();
      await writeAt(fd, encodeHead(reading.key, head).subarray(0, HEAD_BYTES), 0);
      this.#note(name, head, now);
    } catch (error) {
      if (!isNoFile(error)) throw error;
    } finally {
      await close(fd);
    }
  }

  /** What stands in the place of an entry's shard. Anything but a folder is removed. */
  async shard(root: string, name: string): Promise<'folder' | 'absent'> {
    const path = `${root}/${shardOf(name)}`;
    const state = await shardState(path);
    if (state !== 'planted') return state;
    const { counters, events, folder, index } = this.#parts;
    index.reconcile(shardOf(name), new Set(), index.change);
    const removed = await folder.unplant(root, path);
    if (!removed) return 'absent';
    counters.damaged++;
    events.emit('damaged', { file: path, key: undefined, reason: 'kind', removed });
    return 'absent';
  }

  /** Removes what is not an entry from an entry's place. Never rejects. */
  async discard(
    name: string,
    key: string | undefined,
    damage: { readonly reason: Damage; readonly cause?: unknown },
  ): Promise<void> {
    const { counters, events, folder, index } = this.#parts;
    const root = await folder.open();
    const file = entryPath(root, name);
    // Another process may have put a good entry there since: losing it costs one more load.
    const removed = await removeEntry(root, file).catch(() => false);
    index.delete(name);
    counters.damaged++;
    events.emit('damaged', { file, key, removed, ...damage });
  }

  async #read(
    name: string,
    key: string,
    now: number,
  ): Promise<{ head: EntryHead; bytes: Uint8Array } | undefined> {
    const { folder, reader } = this.#parts;
    const root = folder.root ?? (await folder.open());
    // Looked at while the file is read, so that it takes no time of its own.
    const shard = this.shard(root, name);
    shard.catch(() => undefined);
    let reading: EntryReading = { kind: 'absent' };
    // Twice, for another process may have been changing the lifetime.
    for (let attempt = 0; attempt < 2; attempt++) {
      reading = await reader.read(entryPath(root, name), now, (fd, head) =>
        this.#used(fd, name, head, now, shard),
      );
      if (reading.kind !== 'damaged') break;
    }
    if ((await shard) !== 'folder') return undefined;
    if (reading.kind === 'found') {
      if (isKey(reading.key, key)) return reading;
      reading = { kind: 'damaged', reason: 'key' };
    }
    if (reading.kind === 'damaged') await this.discard(name, key, reading);
    return undefined;
  }

  /** Notes the use in memory and, now and then, on the file. */
  #used(
    fd: number,
    name: string,
    head: EntryHead,
    now: number,
    shard: Promise<'folder' | 'absent'>,
  ): Promise<void> | undefined {
    if (head.until <= now) return undefined;
    const { index } = this.#parts;
    const marked = index.get(name)?.marked ?? 0;
    if (now - marked < MARK_INTERVAL) {
      this.#note(name, head, marked);
      return undefined;
    }
    this.#note(name, head, now);
    return shard.then((state) => (state === 'folder' ? setUsed(fd, now) : undefined));
  }

  #note(name: string, head: EntryHead, marked: number): void {
    const { index, options } = this.#parts;
    const bytes = HEAD_BYTES + head.keyBytes + head.bodyBytes;
    const used = index.moment(options.clock.epoch());
    index.put(name, { bytes, used, marked, until: head.until });
  }
}

function isKey(stored: Uint8Array, key: string): boolean {
  return Buffer.from(key).equals(stored);
}
