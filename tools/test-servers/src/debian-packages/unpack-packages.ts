import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TestServerError } from '../errors.ts';
import { cachedFolder } from '../lifecycle/cache-folder.ts';
import { findProgram, foldersOnPath } from '../lifecycle/executable.ts';
import { runProgram } from '../lifecycle/run-program.ts';
import { downloadPackages } from './download-packages.ts';

/** Which packages make a server. */
export interface DebianPackages {
  /** Names the server in errors, in the progress and in the cache. */
  readonly server: string;
  /** The package with the program, and what it links to beyond what every system has. */
  readonly packages: readonly string[];
}

/** How long unpacking one package may take, in milliseconds. */
const UNPACK_TIMEOUT = 60_000;

/** Those on their way, so that one process does not download the same twice. */
const inProgress = new Map<string, Promise<string>>();

/** Whether there are the programs to download and unpack Debian packages. */
export function hasDebianTools(env: Readonly<Record<string, string | undefined>>): boolean {
  const folders = foldersOnPath(env);
  return ['apt-get', 'dpkg-deb'].every((name) => findProgram(name, folders) !== undefined);
}

/**
 * The folder in which the packages lie unpacked, as they would below `/`. Downloaded once for this user
 * of the machine into a cache folder; nothing is installed and no package script runs. One line on
 * standard error says so.
 * @throws {@link TestServerError} with what apt or dpkg said
 */
export function unpackDebianPackages(wanted: DebianPackages): Promise<string> {
  const name = cacheName(wanted);
  const current = inProgress.get(name);
  if (current !== undefined) return current;
  const started = cachedFolder(wanted.server, undefined, name, (folder) => fill(folder, wanted));
  inProgress.set(name, started);
  const forget = (): void => {
    inProgress.delete(name);
  };
  started.then(forget, forget);
  return started;
}

/** The folders of shared libraries below an unpacked folder, as a value of `LD_LIBRARY_PATH`. */
export function libraryPath(root: string): string {
  return ['usr/lib', 'lib']
    .flatMap((folder) => [...multiarchFolders(root, folder), join(root, folder)])
    .join(':');
}

async function fill(folder: string, { server, packages }: DebianPackages): Promise<void> {
  process.stderr.write(
    `perf: downloading ${server} for tests (Debian packages ${packages.join(', ')}), once\n`,
  );
  const downloads = join(folder, '.downloads');
  mkdirSync(downloads);
  for (const file of await downloadPackages(server, packages, downloads)) {
    const { succeeded, failure } = await runProgram('dpkg-deb', ['-x', file, folder], {
      cwd: folder,
      timeout: UNPACK_TIMEOUT,
    });
    if (!succeeded) throw new TestServerError(server, `dpkg-deb -x ${file} failed: ${failure}`);
  }
  rmSync(downloads, { recursive: true, force: true });
}

/** One folder per set of packages, release of the system and processor. */
function cacheName({ server, packages }: DebianPackages): string {
  const set = createHash('sha256')
    .update([systemRelease(), ...packages].join('\n'))
    .digest('hex');
  return `${server}-debian-${process.arch}-${set.slice(0, 12)}`;
}

function systemRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return 'unknown';
  }
}

function multiarchFolders(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder))
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(root, folder, name));
  } catch {
    return [];
  }
}
