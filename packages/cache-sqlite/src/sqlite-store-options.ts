import { homedir } from 'node:os';
import path from 'node:path';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkString,
  ConfigError,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
} from '@perf/core';
import type { SqliteDriver } from './database/driver.ts';

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * The database file. A leading `~` is the home folder; a missing folder is created (mode 0700), as
   * is a missing file (0600). One cache per file; any number of processes of one host. `':memory:'` is
   * refused.
   */
  readonly path: string;
  /** Names the tier in statistics, events and errors. @default 'sqlite' */
  readonly name?: string;
  /** The most entries kept; those used least recently go first. Or `Infinity`. @default 1_000_000 */
  readonly maxEntries?: number;
  /**
   * The most bytes kept: keys, values and 128 bytes for each entry. The file is about this large when
   * it is full, and does not shrink by itself (see `vacuum`). @default '512mb'
   */
  readonly maxBytes?: ByteSize;
  /**
   * The largest value taken; larger ones are refused, and nothing is evicted for them. At most `maxBytes`,
   * and what a file of `maxFileBytes` has room for. @default '16mb', at most `maxBytes` and half of that room
   */
  readonly maxValueBytes?: ByteSize;
  /**
   * A hard bound of the database file (without its log, which is a few megabytes): beyond it writes
   * evict, then are refused. For disks that are small; `maxBytes` is the bound to use otherwise.
   * @default Infinity
   */
  readonly maxFileBytes?: ByteSize;
  /**
   * How long a call that writes waits for a lock that another process holds, up to 10 s, and calls after
   * it wait for their turn. The wait is a timer between turns of the event loop. SQLite's own
   * `busy_timeout`, which blocks the loop, is another thing: it is 5 ms while the file is opened and 0
   * from then on, whatever is given here. Below the cache's `storeTimeout`, so that what is not stored is
   * known not to be. @default 200
   */
  readonly lockTimeout?: Duration;
  /**
   * Runs SQLite in a worker thread: a call costs tens of microseconds more, the event loop is never
   * blocked. Excludes `driver` and `clock`. @default false
   */
  readonly worker?: boolean;
  /**
   * The class that better-sqlite3 exports. Without it the package is imported at the first call.
   * @default the installed one
   */
  readonly driver?: SqliteDriver;
  /** How often expired entries are removed and the log is folded into the file. @default '1s' */
  readonly sweepInterval?: Duration;
  /**
   * How precisely the last use of an entry is known, for eviction: reads write it down at most this
   * often per entry, and together. @default '10s'
   */
  readonly recencyInterval?: Duration;
  /**
   * How many written and deleted keys are remembered for the other processes. One that comes later has
   * to prove everything it holds in memory. @default 10_000
   */
  readonly dropLog?: number;
  /** The source of time. @default systemClock */
  readonly clock?: Clock;
}

/** {@link SqliteStoreOptions} checked and completed; can be sent to a worker. */
export interface SqliteSettings {
  readonly path: string;
  readonly name: string;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxValueBytes: number;
  readonly maxFileBytes: number;
  /** What the file has room for when nothing else is in it: a value, and its key twice. */
  readonly room: number;
  readonly lockTimeout: number;
  readonly sweepInterval: number;
  readonly recencyInterval: number;
  readonly dropLog: number;
}

const KNOWN: readonly (keyof SqliteStoreOptions)[] = [
  'path',
  'name',
  'maxEntries',
  'maxBytes',
  'maxValueBytes',
  'maxFileBytes',
  'lockTimeout',
  'worker',
  'driver',
  'sweepInterval',
  'recencyInterval',
  'dropLog',
  'clock',
];

/** In milliseconds. */
const LONGEST_LOCK_TIMEOUT = 10_000;
/** The smallest database with our tables is a few pages. */
const SMALLEST_FILE = 128 * 1024;
/** The longest key taken, in bytes of UTF-8. */
export const MAX_KEY_BYTES: number = 2 * 1024 * 1024;
const LARGEST_VALUE = 512 * 1024 * 1024;
/** SQLite's, of files that we make. */
const PAGE = 4096;
/** What a page holds of a value that is longer than one: the rest is the number of the next page. */
const PAGE_ROOM = PAGE - 4;
/** The roots of our tables and indexes, and the first of the pages that tell where the others belong. */
const OWN_PAGES = 10;
/** One page tells that of so many others. */
const MAPPED_PAGES = 819;

/** @throws {@link ConfigError} naming the option that is not right */
export function resolveOptions(options: SqliteStoreOptions): SqliteSettings {
  checkKnown('sqliteStore', options, KNOWN);
  const worker = checkBoolean('worker', options.worker ?? false);
  if (options.driver !== undefined)
    checkFunction('driver', options.driver as unknown as () => unknown);
  for (const name of ['driver', 'clock'] as const) {
    if (worker && options[name] !== undefined) {
      throw new ConfigError(name, options[name], 'absent with worker: true');
    }
  }
  const maxBytes = toBytes('maxBytes', options.maxBytes ?? '512mb', { infinite: true });
  const maxFileBytes = toBytes('maxFileBytes', options.maxFileBytes ?? Infinity, {
    min: SMALLEST_FILE,
    infinite: true,
  });
  const room = roomIn(maxFileBytes);
  const largest = Math.min(maxBytes, room, LARGEST_VALUE);
  return {
    path: resolvePath(options.path),
    name: checkString('name', options.name ?? 'sqlite'),
    maxEntries: checkInteger('maxEntries', options.maxEntries ?? 1_000_000, { infinite: true }),
    maxBytes,
    maxValueBytes:
      options.maxValueBytes === undefined
        ? Math.min(toBytes('maxValueBytes', '16mb'), maxBytes, Math.floor(room / 2))
        : toBytes('maxValueBytes', options.maxValueBytes, { max: largest }),
    maxFileBytes,
    room,
    lockTimeout: toMilliseconds('lockTimeout', options.lockTimeout ?? 200, {
      min: 0,
      max: LONGEST_LOCK_TIMEOUT,
    }),
    sweepInterval: toMilliseconds('sweepInterval', options.sweepInterval ?? '1s'),
    recencyInterval: toMilliseconds('recencyInterval', options.recencyInterval ?? '10s'),
    dropLog: checkInteger('dropLog', options.dropLog ?? 10_000, { max: 10_000_000 }),
  };
}

/** An upper bound: what other processes are told, and invalidations, take some of it. */
function roomIn(maxFileBytes: number): number {
  if (maxFileBytes === Infinity) return Infinity;
  const pages = Math.floor(maxFileBytes / PAGE);
  return (pages - OWN_PAGES - Math.floor(pages / MAPPED_PAGES)) * PAGE_ROOM;
}

function resolvePath(given: string): string {
  checkString('path', given);
  if (given === ':memory:' || given.startsWith('file:') || given.includes('\0')) {
    throw new ConfigError('path', given, 'the path of a file; for memory use the memory cache');
  }
  const expanded = /^~(?=$|[/\\])/.test(given) ? path.join(homedir(), given.slice(1)) : given;
  return path.resolve(expanded);
}
