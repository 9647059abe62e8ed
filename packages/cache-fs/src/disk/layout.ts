import { hash, randomUUID } from 'node:crypto';
import { join } from 'node:path';

/**
 * The names under the store's folder. All begin with the version of the layout, so that another
 * version, or somebody else's files, are never taken for this one's:
 *
 *     perf1-3f/<62 hexadecimal digits>   an entry
 *     perf1-tmp-<time>-<uuid>            an entry being written
 *     perf1-trash-<uuid>                 a cleared shard, being deleted
 */
const PREFIX = 'perf1-';
const TEMPORARY = `${PREFIX}tmp-`;
const TRASH = `${PREFIX}trash-`;
const SHARD_FORM = /^perf1-[0-9a-f]{2}$/;
const ENTRY_FORM = /^[0-9a-f]{62}$/;
const TEMPORARY_FORM = /^perf1-tmp-([0-9a-z]{1,9})-/;

/** Every shard's name, in order. */
export const SHARDS: readonly string[] = Array.from(
  { length: 256 },
  (_, index) => PREFIX + index.toString(16).padStart(2, '0'),
);

/** The name of a key's entry: its SHA-256 in hexadecimal. The first two digits choose the shard. */
export function entryName(key: string | Uint8Array): string {
  return hash('sha256', key, 'hex');
}

export function shardOf(name: string): string {
  return PREFIX + name.slice(0, 2);
}

export function entryPath(root: string, name: string): string {
  // Not `join`: both parts are known to be clean, and this runs for every call.
  return `${root}/${PREFIX}${name.slice(0, 2)}/${name.slice(2)}`;
}

/** The entry names behind the file names of a shard; other files are left out. */
export function entryNames(shard: string, files: readonly string[]): string[] {
  const digits = shard.slice(PREFIX.length);
  return files.filter((file) => ENTRY_FORM.test(file)).map((file) => digits + file);
}

export function isShard(file: string): boolean {
  return SHARD_FORM.test(file);
}

export function isTrash(file: string): boolean {
  return file.startsWith(TRASH);
}

/** A name that nobody can have prepared. It tells when it was made, for {@link temporaryAge}. */
export function temporaryPath(root: string, epoch: number): string {
  return `${root}/${TEMPORARY}${Math.max(0, Math.floor(epoch)).toString(36)}-${randomUUID()}`;
}

export function trashPath(root: string): string {
  return join(root, TRASH + randomUUID());
}

/** Milliseconds since the temporary file was named; `undefined` for any other name. */
export function temporaryAge(file: string, epoch: number): number | undefined {
  const match = TEMPORARY_FORM.exec(file);
  return match === null ? undefined : epoch - Number.parseInt(match[1] ?? '', 36);
}
