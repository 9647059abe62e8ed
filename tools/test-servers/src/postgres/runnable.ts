import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { TestServerError } from '../errors.ts';
import { canExecute, type Identity } from '../lifecycle/identity.ts';
import { temporaryRoot } from '../lifecycle/run-folder.ts';
import type { PostgresBinaries } from './binaries.ts';

/** The binaries if the identity can run them where they are, otherwise a copy that it can run. */
export function runnableBinaries(
  binaries: PostgresBinaries,
  identity: Identity | undefined,
): PostgresBinaries {
  const complete = binaries.links.every(({ path }) => existsSync(join(binaries.root, path)));
  if (complete && canExecute(binaries.postgres, identity)) return binaries;
  if (binaries.origin === 'local') {
    throw new TestServerError(
      'postgres',
      `${binaries.postgres} cannot be run by uid ${identity?.uid ?? process.getuid?.()}; ` +
        `install the npm package or set PERF_PG_URL`,
    );
  }
  const root = cachedCopy(binaries, temporaryRoot('postgres', identity));
  const copy = {
    ...binaries,
    root,
    initdb: join(root, relative(binaries.root, binaries.initdb)),
    postgres: join(root, relative(binaries.root, binaries.postgres)),
  };
  if (canExecute(copy.postgres, identity)) return copy;
  throw new TestServerError(
    'postgres',
    `${copy.postgres} cannot be run by uid ${identity?.uid ?? process.getuid?.()}: is its file system ` +
      `mounted noexec? Set TMPDIR to a folder that allows it`,
  );
}

/**
 * A copy of the installation below the temporary directory, made once per version. It
 * appears whole or not at all, so several processes may ask at once.
 */
function cachedCopy(binaries: PostgresBinaries, temporary: string): string {
  const cache = join(temporary, `perf-test-servers-${process.getuid?.() ?? 'user'}`);
  mkdirSync(cache, { recursive: true, mode: 0o755 });
  assertOurs(cache);
  chmodSync(cache, 0o755); // Whatever the umask made of it, the server's user has to get in.
  const target = join(cache, `postgres-${binaries.version}-${process.platform}-${process.arch}`);
  if (existsSync(target)) return target;
  const partial = mkdtempSync(join(cache, 'partial-'));
  try {
    cpSync(binaries.root, partial, {
      recursive: true,
      verbatimSymlinks: true,
      // Static libraries and headers are of no use to a server.
      filter: (path) => !path.endsWith('.a') && !path.endsWith('/include'),
    });
    for (const { path, to } of binaries.links) {
      const link = join(partial, path);
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(partial, to)), link);
    }
    chmodSync(partial, 0o755);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another process was first; renaming onto its folder fails.
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** In a directory where everyone may write, a folder of a known name may be somebody else's trap. */
function assertOurs(folder: string): void {
  const status = lstatSync(folder);
  const ours = status.isDirectory() && status.uid === process.getuid?.();
  if (ours && (status.mode & 0o022) === 0) return;
  throw new TestServerError(
    'postgres',
    `${folder} belongs to somebody else or can be written by others, so no program is run from it. ` +
      `Remove it, or set TMPDIR to another folder`,
  );
}
