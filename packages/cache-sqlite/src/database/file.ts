import {
  accessSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import type { SqliteFileProblem } from '../errors.ts';
import { codeOf } from './failure.ts';

/** How many damaged databases are kept for inspection. */
const KEPT_ASIDE = 3;

/** Tells whether a path still names the file that it named when this was made. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

/** The file under the path; `undefined` when there is none. */
export function identityOf(file: string): FileIdentity | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : { device: stats.dev, inode: stats.ino };
}

/** Whether this process has the right, `W_OK` or `R_OK`, as far as it can tell. */
function mayAccess(file: string, right: number): boolean {
  try {
    accessSync(file, right);
    return true;
  } catch (error) {
    return !['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error));
  }
}

/** Whether this process may write the file. SQLite does not say so before something is written. */
export function isWritable(file: string): boolean {
  return mayAccess(file, constants.W_OK);
}

/** What keeps this process from opening the file, where that can be told. */
export function accessProblemOf(file: string): SqliteFileProblem | undefined {
  if (!mayAccess(file, constants.R_OK)) return 'no-access';
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return 'folder';
  if (identityOf(file) !== undefined && !isWritable(path.dirname(file))) return 'no-log';
  return undefined;
}

/** Makes the folder (mode 0700) and an empty file (mode 0600, which SQLite gives its log too) where they are missing. */
export function createFile(file: string): void {
  if (identityOf(file) !== undefined) return;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // Under another name first: to close a file that SQLite has open in this process would drop its locks.
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    linkSync(draft, file);
  } catch (error) {
    // File systems without hard links.
    if (codeOf(error) !== 'EEXIST') createDirectly(file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function createDirectly(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * Renames a database with its log to `<file>.corrupt-<time>`; the oldest such files beyond a few are
 * deleted.
 * @returns the new path
 */
export function setAside(file: string, epoch: number): string {
  const stamp = new Date(epoch).toISOString().replaceAll(/[:.]/g, '-');
  let target = `${file}.corrupt-${stamp}`;
  for (let n = 2; identityOf(target) !== undefined; n++) target = `${file}.corrupt-${stamp}-${n}`;
  // The log first: an empty database must never meet the log of a former one.
  for (const suffix of ['-shm', '-wal', '']) {
    try {
      renameSync(file + suffix, target + suffix);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
  prune(file);
  return target;
}

function prune(file: string): void {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.corrupt-`;
  const kept = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && !/-(?:wal|shm)$/.test(name))
    .toSorted();
  for (const name of kept.slice(0, -KEPT_ASIDE)) {
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(path.join(folder, name + suffix), { force: true });
    }
  }
}
