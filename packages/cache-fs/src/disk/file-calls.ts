import fs from 'node:fs';

/**
 * The calls of `node:fs` that the store makes, on plain descriptors. The promises of
 * `node:fs/promises` come with a `FileHandle` per file, which costs a quarter of a small read.
 */
type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

function call<T>(start: (callback: Callback<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    start((error, value) => {
      if (error === null || error === undefined) resolve(value);
      else reject(error);
    });
  });
}

// Absent on Windows, where the store then leans on the access rights of its folder alone.
const noFollow: number = fs.constants.O_NOFOLLOW ?? 0;
const nonBlock: number = fs.constants.O_NONBLOCK ?? 0;
const directory: number = fs.constants.O_DIRECTORY ?? 0;

/** How a file is opened. None follows a link; none waits for the other end of a planted pipe. */
export const READ: number = fs.constants.O_RDONLY | noFollow | nonBlock;
export const UPDATE: number = fs.constants.O_RDWR | noFollow | nonBlock;
export const CREATE: number =
  fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | noFollow;
export const FOLDER: number = fs.constants.O_RDONLY | directory | noFollow;

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export function open(path: string, flags: number): Promise<number> {
  return call((done) => fs.open(path, flags, FILE_MODE, done));
}

export function close(fd: number): Promise<void> {
  return call((done) => fs.close(fd, done as (error?: Error | null) => void));
}

/** How many bytes were read; at the end of the file fewer than asked for. */
export function readAt(fd: number, into: Uint8Array, position: number): Promise<number> {
  return call((done) => fs.read(fd, into, 0, into.length, position, done));
}

/** As {@link readAt}, again until `into` is full or the file ends. */
export async function readFully(fd: number, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const got = await readAt(fd, into.subarray(filled), position + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

export async function writeAll(fd: number, parts: readonly Uint8Array[]): Promise<void> {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  let written = await call<number>((done) => fs.writev(fd, parts, 0, done));
  while (written < total) {
    const rest = after(parts, written);
    const position = written;
    written += await call<number>((done) => fs.writev(fd, rest, position, done));
  }
}

export function writeAt(fd: number, bytes: Uint8Array, position: number): Promise<number> {
  return call((done) => fs.write(fd, bytes, 0, bytes.length, position, done));
}

export function syncFile(fd: number): Promise<void> {
  return call((done) => fs.fsync(fd, done as (error?: Error | null) => void));
}

export function fileStats(fd: number): Promise<fs.Stats> {
  return call((done) => fs.fstat(fd, done));
}

export function setUsed(fd: number, epoch: number): Promise<void> {
  return call((done) => fs.futimes(fd, epoch / 1000, epoch / 1000, done as fs.NoParamCallback));
}

export function lstat(path: string): Promise<fs.Stats> {
  return call((done) => fs.lstat(path, done));
}

export function rename(from: string, to: string): Promise<void> {
  return call((done) => fs.rename(from, to, done as fs.NoParamCallback));
}

export function unlink(path: string): Promise<void> {
  return call((done) => fs.unlink(path, done as fs.NoParamCallback));
}

export function listFolder(path: string): Promise<string[]> {
  return call((done) => fs.readdir(path, done));
}

export function makeFolder(path: string): Promise<void> {
  return call((done) => fs.mkdir(path, FOLDER_MODE, done as fs.NoParamCallback));
}

/** Also makes the folders above it; nothing happens where it exists. */
export function makeFolders(path: string): Promise<unknown> {
  return call((done) => fs.mkdir(path, { recursive: true, mode: FOLDER_MODE }, done));
}

export function removeFolder(path: string): Promise<void> {
  return call((done) => fs.rmdir(path, done as fs.NoParamCallback));
}

export function realPath(path: string): Promise<string> {
  return call((done) => fs.realpath(path, done));
}

/** Rejects when files cannot be made in the folder. */
export function checkWritable(path: string): Promise<void> {
  return call((done) =>
    fs.access(path, fs.constants.W_OK | fs.constants.X_OK, done as fs.NoParamCallback),
  );
}

/** Bytes that the file system still gives to this user. */
export function freeSpace(path: string): Promise<number> {
  return call<fs.StatsFs>((done) => fs.statfs(path, done)).then(
    ({ bavail, bsize }) => bavail * bsize,
  );
}

/** The code of a failed call, such as `ENOENT`; `undefined` for any other error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Whether an open failed because nothing is there. */
export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
}

/** Whether an open or a read failed because there is a folder, a link, a pipe or a socket. */
export function isNoFile(error: unknown): boolean {
  return ['EISDIR', 'ELOOP', 'EMLINK', 'ENXIO', 'ESPIPE', 'EAGAIN'].includes(codeOf(error) ?? '');
}

/** Settles with `fallback` instead of rejecting when the call fails with one of the codes. */
export function unless<T, F>(
  promise: Promise<T>,
  fallback: F,
  ...codes: readonly string[]
): Promise<T | F> {
  return promise.catch((error: unknown) => {
    if (codes.includes(codeOf(error) ?? '')) return fallback;
    throw error;
  });
}

function after(parts: readonly Uint8Array[], offset: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = offset;
  for (const part of parts) {
    if (skip < part.length) rest.push(part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return rest;
}
