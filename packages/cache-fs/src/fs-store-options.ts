import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import {
  ConfigError,
  checkBoolean,
  checkInteger,
  checkKnown,
  checkString,
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
} from '@perf/core';

/** Options of {@link fsStore}. */
export interface FsStoreOptions {
  /**
   * The folder; made when it is first used, with access for this user alone. `~` is the home folder;
   * a relative path counts from the working directory at construction. One cache per folder.
   */
  readonly dir: string;
  /** Names the tier in statistics, events and results. @default 'fs' */
  readonly name?: string;
  /** The least recently used entries beyond this number are removed. @default 100_000 */
  readonly maxEntries?: number;
  /** As `maxEntries`, for the length of all files. @default '1gb' */
  readonly maxBytes?: ByteSize;
  /** Longer values are refused. At most `maxBytes`. @default '64mb', or `maxBytes` if that is less */
  readonly maxValueBytes?: ByteSize;
  /**
   * The pause between two passes over all files, which remove what has expired, what killed writers
   * left behind, and what exceeds the bounds because of other processes. `Infinity` leaves only the
   * first pass, right after the first call. @default '5m'
   */
  readonly sweepInterval?: Duration;
  /**
   * Whether a write waits until the disk has it, and so survives a loss of power. Without, it
   * survives the end of the process; what a loss of power tears apart is recognised. @default false
   */
  readonly fsync?: boolean;
  /** How many file operations run side by side. @default 16 */
  readonly concurrency?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** Checked options with their defaults. */
export interface ResolvedFsStoreOptions {
  readonly dir: string;
  readonly name: string;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxValueBytes: number;
  readonly sweepInterval: number;
  readonly fsync: boolean;
  readonly concurrency: number;
  readonly clock: Clock;
}

const OPTIONS: readonly (keyof FsStoreOptions)[] = [
  'dir',
  'name',
  'maxEntries',
  'maxBytes',
  'maxValueBytes',
  'sweepInterval',
  'fsync',
  'concurrency',
  'clock',
];

/** A `Buffer` cannot be longer on every supported platform. */
const LONGEST_VALUE = 2 ** 31 - 1;

/** @throws {@link ConfigError} naming the option that is wrong */
export function resolveFsStoreOptions(options: FsStoreOptions): ResolvedFsStoreOptions {
  checkKnown('fsStore', options, OPTIONS);
  const maxBytes = toBytes('maxBytes', options.maxBytes ?? '1gb', { infinite: true });
  const { maxValueBytes = Math.min(64 * 1024 ** 2, maxBytes) } = options;
  return {
    dir: resolveDir(options.dir),
    name: checkString('name', options.name ?? 'fs'),
    maxEntries: checkInteger('maxEntries', options.maxEntries ?? 100_000, { max: 4_000_000 }),
    maxBytes,
    maxValueBytes: toBytes('maxValueBytes', maxValueBytes, {
      max: Math.min(LONGEST_VALUE, maxBytes),
    }),
    sweepInterval: toMilliseconds('sweepInterval', options.sweepInterval ?? '5m', {
      infinite: true,
    }),
    fsync: checkBoolean('fsync', options.fsync ?? false),
    concurrency: checkInteger('concurrency', options.concurrency ?? 16, { max: 1024 }),
    clock: options.clock ?? systemClock,
  };
}

function resolveDir(dir: string): string {
  checkString('dir', dir);
  if (dir.includes('\0')) throw new ConfigError('dir', dir, 'a path without NUL');
  if (dir === '~') return homedir();
  if (/^~[/\\]/.test(dir)) return join(homedir(), dir.slice(2));
  if (dir.startsWith('~')) {
    throw new ConfigError('dir', dir, "a path; only '~' and '~/…' stand for a home folder");
  }
  return isAbsolute(dir) ? dir : resolve(dir);
}
