import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@perf/core';
import { TestServerError } from '../errors.ts';
import type { Identity } from './identity.ts';
import { temporaryRoot } from './run-folder.ts';
import { takeTurn } from './turn.ts';

/** What the name of a folder begins with while it is being filled. */
const PARTIAL = 'partial-';
/** After how many milliseconds nobody is filling it any more. */
const ABANDONED_AFTER = 3_600_000;

/** Options of {@link cachedFolder}. */
export interface CachedFolderOptions {
  /**
   * One process fills it while others wait, for so many milliseconds at the most: for what takes long to fetch.
   * @default nobody waits: each fills its own, and the first one stays
   */
  readonly turnTimeout?: number;
}

/**
 * A folder of programs that is filled once for this user of the machine and then kept. It appears whole
 * or not at all, so several processes may ask at once.
 * @param name tells it from other folders and from other versions of the same
 * @param fill fills an empty folder; what it throws reaches the caller, and nothing is kept
 * @throws {@link TestServerError} when the place could have been prepared by another user
 */
export async function cachedFolder(
  server: string,
  identity: Identity | undefined,
  name: string,
  fill: (folder: string) => void | Promise<void>,
  { turnTimeout }: CachedFolderOptions = {},
): Promise<string> {
  const cache = join(
    temporaryRoot(server, identity),
    `perf-test-servers-${process.getuid?.() ?? 'user'}`,
  );
  mkdirSync(cache, { recursive: true, mode: 0o755 });
  assertOurs(server, cache);
  chmodSync(cache, 0o755); // Whatever the umask made of it, the server's user has to get in.
  const target = join(cache, name);
  if (existsSync(target)) return target;
  removeAbandoned(cache);
  if (turnTimeout === undefined) {
    await fillOnce(cache, target, fill);
    return target;
  }
  const isDone = (): boolean => existsSync(target);
  const turn = await takeTurn(server, `${target}.turn`, turnTimeout, isDone);
  try {
    if (turn !== undefined && !isDone()) await fillOnce(cache, target, fill);
  } finally {
    turn?.release();
  }
  return target;
}

async function fillOnce(
  cache: string,
  target: string,
  fill: (folder: string) => void | Promise<void>,
): Promise<void> {
  const partial = mkdtempSync(join(cache, PARTIAL));
  try {
    await fill(partial);
    chmodSync(partial, 0o755);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another process was first; renaming onto its folder fails.
    if (!existsSync(target)) throw error;
  }
}

/** In a directory where everyone may write, a folder of a known name may be somebody else's trap. */
function assertOurs(server: string, folder: string): void {
  const status = lstatSync(folder);
  const ours = status.isDirectory() && status.uid === process.getuid?.();
  if (ours && (status.mode & 0o022) === 0) return;
  throw new TestServerError(
    server,
    `${folder} belongs to somebody else or can be written by others, so no program is run from it. ` +
      `Remove it, or set TMPDIR to another folder`,
  );
}

/** What processes left behind that were killed while they filled it. */
function removeAbandoned(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (!name.startsWith(PARTIAL)) continue;
    const path = join(cache, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    if (systemClock.epoch() - mtimeMs > ABANDONED_AFTER) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
