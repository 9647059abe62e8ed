import { cpSync, existsSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { TestServerError } from '../errors.ts';
import { cachedFolder } from '../lifecycle/cache-folder.ts';
import { canExecute, type Identity } from '../lifecycle/identity.ts';
import type { PostgresBinaries } from './binaries.ts';

/** The binaries if the identity can run them where they are, otherwise a copy that it can run. */
export async function runnableBinaries(
  binaries: PostgresBinaries,
  identity: Identity | undefined,
): Promise<PostgresBinaries> {
  const complete = binaries.links.every(({ path }) => existsSync(join(binaries.root, path)));
  if (complete && canExecute(binaries.postgres, identity)) return binaries;
  if (binaries.origin === 'local') {
    throw new TestServerError(
      'postgres',
      `${binaries.postgres} cannot be run by uid ${identity?.uid ?? process.getuid?.()}; ` +
        `install the npm package or set PERF_PG_URL`,
    );
  }
  const root = await cachedCopy(binaries, identity);
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

/** A copy of the installation below the temporary directory, made once per version. */
function cachedCopy(binaries: PostgresBinaries, identity: Identity | undefined): Promise<string> {
  const name = `postgres-${binaries.version}-${process.platform}-${process.arch}`;
  return cachedFolder('postgres', identity, name, (partial) => {
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
  });
}
