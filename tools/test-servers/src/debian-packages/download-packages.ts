import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestServerError } from '../errors.ts';
import { runProgram, type ProgramResult } from '../lifecycle/run-program.ts';

/** How long reading the package lists, and then the packages, may take, in milliseconds. */
const UPDATE_TIMEOUT = 60_000;
const DOWNLOAD_TIMEOUT = 60_000;

/** Bounded waits, and no file of the system's is written, whoever we are. */
const ALWAYS = [
  '-q',
  '-o',
  'Acquire::Retries=2',
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
  '-o',
  'Acquire::Languages=none',
  '-o',
  'Dir::Cache::pkgcache=',
  '-o',
  'Dir::Cache::srcpkgcache=',
  // The folder is ours alone, so apt's own user could not write there.
  '-o',
  'APT::Sandbox::User=root',
];

/**
 * Downloads packages by the system's package lists; where those are empty, or name versions that the
 * servers no longer have, by fresh ones that are kept beside the packages.
 * @param folder an empty folder
 * @returns the files
 * @throws {@link TestServerError} with what apt said
 */
export async function downloadPackages(
  server: string,
  packages: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  const first = await download(packages, folder, []);
  if (!first.succeeded) {
    const lists = await freshLists(folder);
    const second = await download(packages, folder, lists.options);
    if (!second.succeeded) {
      throw new TestServerError(
        server,
        `apt-get could not download ${packages.join(', ')}: ${second.failure}` +
          (lists.failure === '' ? '' : `\n(apt-get update: ${lists.failure})`),
      );
    }
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(folder, name));
}

function download(
  packages: readonly string[],
  folder: string,
  options: readonly string[],
): Promise<ProgramResult> {
  return runProgram('apt-get', [...ALWAYS, ...options, 'download', ...packages], {
    cwd: folder,
    timeout: DOWNLOAD_TIMEOUT,
  });
}

/** Lists of our own; a source that does not answer is no obstacle as long as another has the packages. */
async function freshLists(
  folder: string,
): Promise<{ readonly options: readonly string[]; readonly failure: string }> {
  const lists = join(folder, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${lists}`];
  const { failure } = await runProgram('apt-get', [...ALWAYS, ...options, 'update'], {
    cwd: folder,
    timeout: UPDATE_TIMEOUT,
  });
  return { options, failure };
}
