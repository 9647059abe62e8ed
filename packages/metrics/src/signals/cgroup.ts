import path from 'node:path';
import type { Clock } from '@perf/core';
import { numberAfter, readProcFile } from './proc-file.ts';

/** What the control group allows; `undefined` where it sets no limit, or there is none. */
export interface CgroupLimits {
  /** Bytes. */
  readonly memory: number | undefined;
  /** Processors, with fractions. */
  readonly cpus: number | undefined;
}

/** Version 1 says "no limit" by the largest multiple of a page below 2⁶³. */
const NO_LIMIT = 2 ** 62;
/** Milliseconds. Limits are many files, and change seldom. */
const LIMITS_KEPT_FOR = 10_000;

/** Where a controller's files are: the group's folder and those above it. */
interface Controller {
  readonly isUnified: boolean;
  readonly folders: readonly string[];
}

/** The control group of the process, of version 1, 2, or both; on systems without, one without limits. */
export class Cgroup {
  readonly #clock: Clock;
  readonly #memory: Controller;
  readonly #cpu: Controller;
  #limits: CgroupLimits | undefined;
  #limitsReadAt = 0;

  /** @param root where `proc` and `sys` are */
  constructor(clock: Clock, root = '/') {
    this.#clock = clock;
    const membership = readProcFile(path.join(root, 'proc/self/cgroup')) ?? '';
    const mount = path.join(root, 'sys/fs/cgroup');
    this.#memory = controllerOf('memory', membership, mount);
    this.#cpu = controllerOf('cpu', membership, mount);
  }

  /** The strictest of the group and of those that it is in; read again after a while. */
  limits(): CgroupLimits {
    const now = this.#clock.now();
    if (this.#limits === undefined || now - this.#limitsReadAt >= LIMITS_KEPT_FOR) {
      this.#limits = this.#readLimits();
      this.#limitsReadAt = now;
    }
    return this.#limits;
  }

  /** Bytes that it holds now, the cache of files included; `NaN` where the system does not tell. */
  memoryInUse(): number {
    const file = this.#memory.isUnified ? 'memory.current' : 'memory.usage_in_bytes';
    return first(this.#memory.folders, (folder) => wholeNumber(path.join(folder, file)));
  }

  /** Milliseconds since its start for which its limit kept it off the processor; `NaN` where the system does not tell. */
  throttledTime(): number {
    return first(this.#cpu.folders, throttledTime);
  }

  #readLimits(): CgroupLimits {
    return {
      memory: least(this.#memory.folders.map(this.#memory.isUnified ? memoryLimit : memoryLimitV1)),
      cpus: least(this.#cpu.folders.map(this.#cpu.isUnified ? cpuLimit : cpuLimitV1)),
    };
  }
}

/** A controller that has no hierarchy of version 1 is one of version 2, whose only line names none. */
function controllerOf(name: string, membership: string, mount: string): Controller {
  const own = pathOf(membership, name);
  return own === undefined
    ? { isUnified: true, folders: folders(mount, pathOf(membership, '')) }
    : { isUnified: false, folders: folders(path.join(mount, name), own) };
}

/** The group's path in the hierarchy of a controller; `''` is the one of version 2. */
function pathOf(membership: string, controller: string): string | undefined {
  for (const line of membership.split('\n')) {
    const [, names = '', group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const controllers = names.split(',');
    if (group !== undefined && controllers.includes(controller)) return group;
  }
  return undefined;
}

/**
 * The group's folder and those above it, up to the mount. In a container the path is often that of the host, which is not there: what
 * is mounted is the group itself.
 */
function folders(mount: string, group: string | undefined): readonly string[] {
  if (group === undefined) return [];
  const found: string[] = [];
  for (let at = path.join('/', group); at !== '/'; at = path.dirname(at)) {
    found.push(path.join(mount, at));
  }
  return [...found, mount];
}

function throttledTime(folder: string): number | undefined {
  const text = readProcFile(path.join(folder, 'cpu.stat')) ?? '';
  const microseconds = numberAfter(text, 'throttled_usec');
  if (microseconds !== undefined) return microseconds / 1000;
  const nanoseconds = numberAfter(text, 'throttled_time');
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6;
}

function memoryLimit(folder: string): number | undefined {
  return wholeNumber(path.join(folder, 'memory.max'));
}

function memoryLimitV1(folder: string): number | undefined {
  const limit = wholeNumber(path.join(folder, 'memory.limit_in_bytes'));
  return limit !== undefined && limit < NO_LIMIT ? limit : undefined;
}

function cpuLimit(folder: string): number | undefined {
  const [quota, period] = (readProcFile(path.join(folder, 'cpu.max')) ?? '').trim().split(' ');
  return share(Number(quota), Number(period));
}

function cpuLimitV1(folder: string): number | undefined {
  const quota = wholeNumber(path.join(folder, 'cpu.cfs_quota_us'));
  return share(quota, wholeNumber(path.join(folder, 'cpu.cfs_period_us')));
}

/** A quota of `max`, or -1, is none. */
function share(quota = Number.NaN, period = Number.NaN): number | undefined {
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function wholeNumber(file: string): number | undefined {
  const value = Number.parseInt(readProcFile(file) ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

function least(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce(
    (lowest, value) =>
      value !== undefined && (lowest === undefined || value < lowest) ? value : lowest,
    undefined,
  );
}

function first(paths: readonly string[], read: (folder: string) => number | undefined): number {
  for (const folder of paths) {
    const value = read(folder);
    if (value !== undefined) return value;
  }
  return Number.NaN;
}
