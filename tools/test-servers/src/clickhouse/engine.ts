import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@perf/core';
import { TestServerError } from '../errors.ts';
import { cachedFolder } from '../lifecycle/cache-folder.ts';
import { findProgram, foldersOnPath } from '../lifecycle/executable.ts';
import { runProgram } from '../lifecycle/run-program.ts';

/** The engine of ClickHouse as an npm package, installed. */
export interface ClickHouseEngine {
  /** The folder that has it in its `node_modules`. */
  readonly folder: string;
}

/** Where to have it from; the system's own unless a test says otherwise. */
export interface EnginePlaces {
  /** `npm`, or `undefined` where there is none. */
  readonly npm: string | undefined;
  /** What to install. */
  readonly packageName: string;
  readonly version: string;
}

/** How long fetching may take, in milliseconds. */
const INSTALL_TIMEOUT = 900_000;
/** How often it is said that it still goes on, in milliseconds. */
const PROGRESS_EVERY = 5000;
/** How long the engine may take to say its version, in milliseconds. */
const PROBE_TIMEOUT = 60_000;

const PROBE = `process.stdout.write(require(process.argv[1]).query('SELECT version()', 'CSV'))`;

/** Those on their way, so that one process does not ask twice. */
const inProgress = new Map<string, Promise<ClickHouseEngine>>();

/** `npm` on `PATH`, and the version of `chdb` that the bridge was written for. */
function systemPlaces(
  env: Readonly<Record<string, string | undefined>> = process.env,
): EnginePlaces {
  return {
    npm: findProgram('npm', foldersOnPath(env)),
    packageName: 'chdb',
    version: '3.4.0',
  };
}

/**
 * The engine, fetched once for this user of the machine into a cache folder, with lines on standard error that
 * say so. Several processes may ask at once: one fetches it, the others wait.
 * @throws {@link TestServerError} naming the command that would provide a server instead
 */
export function findEngine(places: EnginePlaces = systemPlaces()): Promise<ClickHouseEngine> {
  const name = `clickhouse-${places.packageName}-${places.version}-${process.platform}-${process.arch}`;
  let search = inProgress.get(name);
  if (search === undefined) {
    search = cachedFolder('clickhouse', undefined, name, (folder) => install(folder, places), {
      turnTimeout: INSTALL_TIMEOUT,
    }).then((folder) => ({ folder }));
    inProgress.set(name, search);
    search.catch(() => inProgress.delete(name));
  }
  return search;
}

async function install(folder: string, places: EnginePlaces): Promise<void> {
  const { npm, packageName, version } = places;
  if (npm === undefined) throw missing('PATH has no npm to fetch it with');
  const stop = showProgress(`${packageName} ${version}`);
  try {
    const { succeeded, failure } = await runProgram(
      npm,
      [
        'install',
        `--prefix=${folder}`,
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--no-package-lock',
        '--no-save',
        '--loglevel=error',
        '--fetch-retries=1',
        '--fetch-timeout=60000',
        `${packageName}@${version}`,
      ],
      { cwd: folder, timeout: INSTALL_TIMEOUT, env: npmEnvironment() },
    );
    if (!succeeded) throw missing(`npm install ${packageName}@${version} failed: ${failure}`);
    // For another system there is a package, but no engine in it.
    const probe = await runProgram(process.execPath, ['-e', PROBE, packageName], {
      cwd: folder,
      timeout: PROBE_TIMEOUT,
      env: { TMPDIR: folder, HOME: folder },
    });
    if (!probe.succeeded) throw missing(`${packageName} does not run here: ${probe.failure}`);
  } finally {
    stop();
  }
  rmSync(join(folder, 'package-lock.json'), { force: true });
}

/** Ours, with what says how the registry is reached; without what the package manager that runs us says to itself. */
function npmEnvironment(): Record<string, string> {
  const given = Object.entries(process.env).filter(
    ([name]) =>
      name !== 'NODE_OPTIONS' &&
      (!/^npm_/i.test(name) || /^npm_config_(registry|cache|userconfig|cafile)$/i.test(name)),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}

/** @returns what ends it */
function showProgress(what: string): () => void {
  const begun = systemClock.now();
  process.stderr.write(
    `perf: fetching ClickHouse for tests (${what} from npm, 550 MB on disk), once\n`,
  );
  const timer = setInterval(() => {
    const seconds = Math.round((systemClock.now() - begun) / 1000);
    process.stderr.write(`perf: still fetching ClickHouse, ${seconds} s\n`);
  }, PROGRESS_EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

function missing(reason: string): TestServerError {
  return new TestServerError(
    'clickhouse',
    `ClickHouse was not found: PERF_CLICKHOUSE_URL is not set, and ${reason}. Do one of:\n` +
      `  run it again where npm and its registry can be reached (Linux or macOS)\n` +
      `  export PERF_CLICKHOUSE_URL=http://user:password@host:8123`,
  );
}
