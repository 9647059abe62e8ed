import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestServerError } from '../errors.ts';
import { canExecute, giveTo, type Identity } from './identity.ts';
import { describeSelf } from './owner.ts';
import { reapStaleFolders } from './reaper.ts';
import { layoutOf, RUN_FOLDER_PREFIX, type RunFolder } from './run-layout.ts';

/**
 * A new folder under the system's temporary directory, after those of processes that have died were
 * removed together with their servers.
 * @throws {@link TestServerError} when no temporary directory can be entered by the identity
 */
export async function createRunFolder(
  server: string,
  identity: Identity | undefined,
): Promise<RunFolder> {
  const root = temporaryRoot(server, identity);
  await reapStaleFolders(root);
  const folder = layoutOf(mkdtempSync(join(root, `${RUN_FOLDER_PREFIX}${server}-`)));
  try {
    writeFileSync(folder.ownerFile, JSON.stringify(describeSelf()), { mode: 0o600 });
    // Entered but not listed by the server's user, who owns the home within.
    chmodSync(folder.path, 0o711);
    mkdirSync(folder.home, { mode: 0o700 });
    giveTo(folder.home, identity);
  } catch (error) {
    rmSync(folder.path, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** The first temporary directory that the identity can enter; ours may lie in a private folder. */
export function temporaryRoot(server: string, identity: Identity | undefined): string {
  const candidates = [tmpdir(), '/tmp', '/var/tmp'];
  const root = candidates.find((candidate) => canExecute(candidate, identity));
  if (root !== undefined) return root;
  throw new TestServerError(
    server,
    `${server} needs a temporary directory that uid ${identity?.uid ?? process.getuid?.()} can enter; ` +
      `${candidates.join(', ')} cannot be. Set TMPDIR to one that can`,
  );
}
