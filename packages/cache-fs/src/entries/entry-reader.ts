import { crc32 } from 'node:zlib';
import {
  HEAD_BYTES,
  decodeHead,
  fileBytes,
  peekSizes,
  type Damage,
  type EntryHead,
} from './entry-format.ts';
import {
  READ,
  close,
  codeOf,
  fileStats,
  isAbsent,
  isNoFile,
  open,
  readAt,
  readFully,
} from '../disk/file-calls.ts';

/** What was found in an entry's place. */
export type Reading<T> =
  | ({ readonly kind: 'found'; readonly head: EntryHead; readonly key: Uint8Array } & T)
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly reason: Damage; readonly cause?: unknown };

/** A whole entry; `bytes` belongs to whoever reads. */
export type EntryReading = Reading<{ readonly bytes: Uint8Array }>;
/** An entry without its value, which has not been looked at, and when its file was last marked as used. */
export type HeadReading = Reading<{ readonly marked: number }>;
/** A {@link HeadReading} that found an entry. */
export type FoundHead = Extract<HeadReading, { readonly kind: 'found' }>;

const SMALL_FILE = 64 * 1024;
const SMALL_HEAD = 4096;
const ABSENT = { kind: 'absent' } as const;

/** Reads entries, one opening, reading and closing each where they are small. */
export class EntryReader {
  readonly #maxFileBytes: number;
  /** Buffers for small files, each in use by one read at most. */
  readonly #buffers: Uint8Array[] = [];

  /** @param maxFileBytes a longer file is damaged: none such is ever written */
  constructor(maxFileBytes: number) {
    this.#maxFileBytes = maxFileBytes;
  }

  /**
   * @param now the time by which absurd times are recognised
   * @param use called with the descriptor of an entry that was found; awaited before it is closed,
   * but not before this resolves
   */
  async read(
    path: string,
    now: number,
    use?: (fd: number, head: EntryHead) => Promise<void> | undefined,
  ): Promise<EntryReading> {
    let fd: number;
    try {
      fd = await open(path, READ);
    } catch (error) {
      return refusedOpening(error);
    }
    const buffer = this.#buffers.pop() ?? new Uint8Array(SMALL_FILE);
    let using: Promise<void> | undefined;
    try {
      const reading = await this.#readOpened(fd, buffer, now);
      if (reading.kind === 'found') using = use?.(fd, reading.head);
      return reading;
    } catch (error) {
      return refusedReading(error);
    } finally {
      this.#buffers.push(buffer);
      void closeAfter(fd, using);
    }
  }

  /** Reads the head and the key only. */
  async readHead(path: string, now: number): Promise<HeadReading> {
    let fd: number;
    try {
      fd = await open(path, READ);
    } catch (error) {
      return refusedOpening(error);
    }
    try {
      return await this.readHeadOf(fd, now);
    } catch (error) {
      return refusedReading(error);
    } finally {
      await close(fd);
    }
  }

  /** As {@link readHead}, of an open file. Rejects when reading fails. */
  async readHeadOf(fd: number, now: number): Promise<HeadReading> {
    let bytes: Uint8Array = new Uint8Array(SMALL_HEAD);
    bytes = bytes.subarray(0, await readAt(fd, bytes, 0));
    const sizes = peekSizes(bytes);
    if (typeof sizes === 'string') return damaged(sizes);
    const needed = HEAD_BYTES + sizes.keyBytes;
    // The size also tells a truncated value, without reading it.
    const { size, mtimeMs } = await fileStats(fd);
    if (size !== fileBytes(sizes) || size > this.#maxFileBytes) return damaged('length');
    if (bytes.length < needed) {
      bytes = new Uint8Array(needed);
      if ((await readFully(fd, bytes, 0)) < needed) return damaged('length');
    }
    const head = decodeHead(bytes, now);
    if (typeof head === 'string') return damaged(head);
    return { kind: 'found', head, key: bytes.slice(HEAD_BYTES, needed), marked: mtimeMs };
  }

  async #readOpened(fd: number, buffer: Uint8Array, now: number): Promise<EntryReading> {
    const got = await readAt(fd, buffer, 0);
    const sizes = peekSizes(buffer.subarray(0, got));
    if (typeof sizes === 'string') return damaged(sizes);
    const total = fileBytes(sizes);
    let file = buffer.subarray(0, got);
    if (got > total) return damaged('length');
    if (got < total || got === buffer.length) {
      // Never trusts the claimed size further than the file's own.
      const { size } = await fileStats(fd);
      if (size !== total || total > this.#maxFileBytes) return damaged('length');
      file = total <= buffer.length ? buffer.subarray(0, total) : new Uint8Array(total);
      if (file.buffer !== buffer.buffer) file.set(buffer.subarray(0, got));
      const rest = file.subarray(got);
      if ((await readFully(fd, rest, got)) < rest.length) return damaged('length');
    }
    const head = decodeHead(file, now);
    if (typeof head === 'string') return damaged(head);
    const start = HEAD_BYTES + head.keyBytes;
    const value = file.subarray(start);
    if (crc32(value) !== head.bodySum) return damaged('checksum');
    return {
      kind: 'found',
      head,
      key: file.slice(HEAD_BYTES, start),
      bytes: file.buffer === buffer.buffer ? value.slice() : value,
    };
  }
}

/** An open that failed because of what stands there; other failures are the store's trouble. */
function refusedOpening<T>(error: unknown): Reading<T> {
  if (isAbsent(error)) return ABSENT;
  if (isNoFile(error)) return damaged('kind');
  if (['EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return damaged('unreadable', error);
  throw error;
}

function refusedReading<T>(error: unknown): Reading<T> {
  if (isNoFile(error)) return damaged('kind');
  if (codeOf(error) === 'EIO') return damaged('unreadable', error);
  throw error;
}

function damaged(
  reason: Damage,
  cause?: unknown,
): { kind: 'damaged'; reason: Damage; cause?: unknown } {
  return cause === undefined ? { kind: 'damaged', reason } : { kind: 'damaged', reason, cause };
}

async function closeAfter(fd: number, using: Promise<void> | undefined): Promise<void> {
  try {
    await using;
  } catch {
    // Only the time of last use was to be noted.
  }
  await close(fd).catch(() => undefined);
}
