import { join } from 'node:path';
import {
  hasDebianTools,
  unpackDebianPackages,
  type DebianPackages,
} from '../debian-packages/unpack-packages.ts';
import { TestServerError } from '../errors.ts';
import { findProgram, foldersOnPath } from '../lifecycle/executable.ts';
import { runProgram } from '../lifecycle/run-program.ts';

/** Where the programs of a Prometheus installation are. */
export interface PrometheusBinaries {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Where to look; the system's own unless a test says otherwise. */
export interface PrometheusPlaces {
  /** Folders that may hold the programs, best first. */
  readonly folders: readonly string[];
  /** Gives the folder of the unpacked packages; `undefined` where there is no apt. */
  readonly unpack: ((wanted: DebianPackages) => Promise<string>) | undefined;
}

/** The oldest that takes native histograms. */
const OLDEST_VERSION = [2, 40] as const;
const VERSION_TIMEOUT = 30_000;

const PACKAGES: DebianPackages = { server: 'prometheus', packages: ['prometheus'] };

/** The folders on `PATH`, and the package where the system has apt. */
function systemPlaces(
  env: Readonly<Record<string, string | undefined>> = process.env,
): PrometheusPlaces {
  return {
    folders: foldersOnPath(env),
    unpack: hasDebianTools(env) ? unpackDebianPackages : undefined,
  };
}

/**
 * `prometheus` and `promtool` on `PATH` if they are new enough, otherwise from the Debian package.
 * @throws {@link TestServerError} naming the commands that would provide them
 */
export async function findPrometheus(
  places: PrometheusPlaces = systemPlaces(),
): Promise<PrometheusBinaries> {
  const rejected: string[] = [];
  const local = findProgram('prometheus', places.folders);
  const tool = findProgram('promtool', places.folders);
  if (local === undefined || tool === undefined) {
    rejected.push('PATH has no prometheus and promtool');
  } else {
    const fault = await examine(local);
    if (fault === undefined) return { prometheus: local, promtool: tool };
    rejected.push(fault);
  }
  if (places.unpack === undefined) {
    rejected.push('there is no apt-get and dpkg-deb to fetch it with');
  } else {
    try {
      const bin = join(await places.unpack(PACKAGES), 'usr/bin');
      const prometheus = join(bin, 'prometheus');
      const fault = await examine(prometheus);
      if (fault === undefined) return { prometheus, promtool: join(bin, 'promtool') };
      rejected.push(fault);
    } catch (error) {
      rejected.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new TestServerError(
    'prometheus',
    `Prometheus ${OLDEST_VERSION.join('.')} or newer was not found: ${rejected.join(', ')}. Do one of:\n` +
      `  sudo apt-get install prometheus\n` +
      `  brew install prometheus`,
  );
}

/** Why the program cannot be taken; `undefined` if it can. */
async function examine(prometheus: string): Promise<string | undefined> {
  const { succeeded, stdout, failure } = await runProgram(prometheus, ['--version'], {
    cwd: '/',
    timeout: VERSION_TIMEOUT,
  });
  if (!succeeded) return `${prometheus} cannot be run: ${failure}`;
  const [, major, minor] = /\bversion (\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined) return `${prometheus} does not tell its version`;
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  const isOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  return isOld ? `${prometheus} is version ${major}.${minor}` : undefined;
}
