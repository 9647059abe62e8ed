import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasEnded, type Owner } from './owner.ts';
import { killTree, worksIn } from './process-tree.ts';
import { layoutOf, RUN_FOLDER_PREFIX } from './run-layout.ts';

/**
 * Ends the servers and removes the folders of owners that have died and whose watchdog died too. What
 * belongs to another user, to a living owner or to another container is left alone.
 */
export async function reapStaleFolders(root: string): Promise<void> {
  for (const name of readdirSync(root)) {
    if (!name.startsWith(RUN_FOLDER_PREFIX)) continue;
    try {
      await reap(join(root, name));
    } catch {
      // Somebody else is removing it, or it is not ours to touch; neither hinders a new server.
    }
  }
}

async function reap(path: string): Promise<void> {
  const status = lstatSync(path);
  if (!status.isDirectory() || status.uid !== process.getuid?.()) return;
  const folder = layoutOf(path);
  const owner = JSON.parse(readFileSync(folder.ownerFile, 'utf8')) as Owner;
  if (!hasEnded(owner)) return;
  const pid = readPid(folder.pidFile);
  if (pid !== undefined && worksIn(pid, path)) await killTree(pid);
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** The process number in a pid file; `undefined` if there is none. */
function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}
