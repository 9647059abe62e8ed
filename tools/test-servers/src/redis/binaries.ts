import { join } from 'node:path';
import {
  hasDebianTools,
  libraryPath,
  unpackDebianPackages,
  type DebianPackages,
} from '../debian-packages/unpack-packages.ts';
import { TestServerError } from '../errors.ts';
import { findProgram, foldersOnPath } from '../lifecycle/executable.ts';
import { runProgram } from '../lifecycle/run-program.ts';

/** Where the program of a Redis installation is. */
export interface RedisBinaries {
  readonly origin: 'local' | 'debian';
  readonly redisServer: string;
  /** What it needs to find its libraries. */
  readonly env: Readonly<Record<string, string>>;
  /** As in `7.0.15`. */
  readonly version: string;
}

/** Where to look; the system's own unless a test says otherwise. */
export interface RedisPlaces {
  /** Folders that may hold `redis-server`, best first. */
  readonly folders: readonly string[];
  /** Gives the folder of the unpacked packages; `undefined` where there is no apt. */
  readonly unpack: ((wanted: DebianPackages) => Promise<string>) | undefined;
}

/** The oldest version that is taken. */
export const OLDEST_VERSION = 7;
const VERSION_TIMEOUT = 10_000;

const PACKAGES: DebianPackages = {
  server: 'redis',
  packages: ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'],
};

/** The folders on `PATH`, and the packages where the system has apt. */
export function systemPlaces(
  env: Readonly<Record<string, string | undefined>> = process.env,
): RedisPlaces {
  return {
    folders: foldersOnPath(env),
    unpack: hasDebianTools(env) ? unpackDebianPackages : undefined,
  };
}

/**
 * `redis-server` on `PATH` if it is new enough, otherwise from Debian packages.
 * @throws {@link TestServerError} naming the commands that would provide one
 */
export async function findRedis(places: RedisPlaces = systemPlaces()): Promise<RedisBinaries> {
  const rejected: string[] = [];
  const local = findProgram('redis-server', places.folders);
  if (local !== undefined) {
    const found = await examine(local, 'local', {});
    if (typeof found !== 'string') return found;
    rejected.push(found);
  }
  if (places.unpack === undefined) {
    rejected.push('there is no apt-get and dpkg-deb to fetch it with');
  } else {
    try {
      const root = await places.unpack(PACKAGES);
      const program = join(root, 'usr/bin/redis-server');
      const found = await examine(program, 'debian', { LD_LIBRARY_PATH: libraryPath(root) });
      if (typeof found !== 'string') return found;
      rejected.push(`${found}; remove ${root} to have it fetched again`);
    } catch (error) {
      rejected.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new TestServerError(
    'redis',
    `Redis ${OLDEST_VERSION} or newer was not found: PERF_REDIS_URL is not set, ` +
      `${local === undefined ? 'PATH has no redis-server, ' : ''}${rejected.join(', ')}. Do one of:\n` +
      `  sudo apt-get install redis-server\n` +
      `  brew install redis\n` +
      `  export PERF_REDIS_URL=redis://user:password@host:6379`,
  );
}

/** What the program says of itself; why it cannot be taken otherwise. */
async function examine(
  redisServer: string,
  origin: RedisBinaries['origin'],
  env: Readonly<Record<string, string>>,
): Promise<RedisBinaries | string> {
  const { succeeded, stdout, failure } = await runProgram(redisServer, ['--version'], {
    cwd: '/',
    timeout: VERSION_TIMEOUT,
    env,
  });
  if (!succeeded) return `${redisServer} cannot be run: ${failure}`;
  const version = /\bv=(\d+(?:\.\d+)*)/.exec(stdout)?.[1];
  if (version === undefined) return `${redisServer} does not tell its version`;
  if (Number.parseInt(version, 10) < OLDEST_VERSION) return `${redisServer} is version ${version}`;
  return { origin, redisServer, env, version };
}
