import {
  checkInteger,
  checkKnown,
  checkNumber,
  checkString,
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
} from '@perf/core';

/** Collections of garbage under pressure, where `globalThis.gc` is there (`node --expose-gc`). */
export interface ForcedGcOptions {
  /** From one to the next, while the pressure lasts: each blocks the event loop, some 100 ms for each gigabyte. @default '30s' */
  readonly coolDown?: Duration | undefined;
}

/**
 * A snapshot of the heap before it reaches its limit. The process stands still while one is written, for seconds, and needs about as much
 * memory again; the file holds everything that the heap does, secrets too.
 */
export interface HeapSnapshotOptions {
  /** The folder; it is made where there is none. */
  readonly dir: string;
  /** Which part of the heap's limit has to be in use. @default 0.9 */
  readonly above?: number | undefined;
  /** How many snapshots the folder holds, of all processes that write to it: the oldest are removed. @default 3 */
  readonly maxFiles?: number | undefined;
  /** From one to the next of this process. @default '1h' */
  readonly coolDown?: Duration | undefined;
  /** What must be free on the disk beside three times the heap: else none is written, which is an event. @default '1gb' */
  readonly minFree?: ByteSize | undefined;
}

/** Options of `createMemoryWatch`. */
export interface MemoryWatchOptions {
  /** Told in events. @default 'memory' */
  readonly name?: string | undefined;
  /** How often memory is looked at, from 10 ms. @default '1s' */
  readonly interval?: Duration | undefined;
  /** Resident memory from which there is pressure; `Infinity` for none. @default '1500mb' */
  readonly maxRss?: ByteSize | undefined;
  /** Which part of its limit memory, or V8's heap, may take before there is pressure; above 0, at most 1. @default 0.8 */
  readonly maxShare?: number | undefined;
  /** Pressure ends below this part of the bounds, above 0, at most 1. @default 0.9 */
  readonly release?: number | undefined;
  /** @default false */
  readonly forceGc?: boolean | ForcedGcOptions | undefined;
  /** @default none */
  readonly heapSnapshot?: HeapSnapshotOptions | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** {@link HeapSnapshotOptions}, checked. */
export interface HeapSnapshotSettings {
  readonly dir: string;
  readonly above: number;
  readonly maxFiles: number;
  readonly coolDown: number;
  readonly minFree: number;
}

/** {@link MemoryWatchOptions}, checked. */
export interface MemoryWatchSettings {
  readonly name: string;
  readonly interval: number;
  readonly maxRss: number;
  readonly maxShare: number;
  readonly release: number;
  /** `undefined` when none is forced under pressure. */
  readonly gcCoolDown: number | undefined;
  readonly heapSnapshot: HeapSnapshotSettings | undefined;
  readonly clock: Clock;
}

const KIND = 'memoryWatch';
const KNOWN = [
  'name',
  'interval',
  'maxRss',
  'maxShare',
  'release',
  'forceGc',
  'heapSnapshot',
  'clock',
];
const SNAPSHOT_OPTIONS = ['dir', 'above', 'maxFiles', 'coolDown', 'minFree'];
/** The least of what has to be above 0. */
const ABOVE_ZERO = 0.001;

/** @throws {@link ConfigError} naming the option that is refused */
export function memoryWatchSettings(options: MemoryWatchOptions): MemoryWatchSettings {
  checkKnown(KIND, options, KNOWN);
  const { heapSnapshot, maxRss = '1500mb', interval = '1s' } = options;
  return {
    name: checkString(`${KIND}.name`, options.name ?? 'memory'),
    interval: toMilliseconds(`${KIND}.interval`, interval, { min: 10 }),
    maxRss: toBytes(`${KIND}.maxRss`, maxRss, { infinite: true }),
    maxShare: checkNumber(`${KIND}.maxShare`, options.maxShare ?? 0.8, ABOVE_ZERO, 1),
    release: checkNumber(`${KIND}.release`, options.release ?? 0.9, ABOVE_ZERO, 1),
    gcCoolDown: gcCoolDown(options.forceGc ?? false),
    heapSnapshot: heapSnapshot === undefined ? undefined : snapshotSettings(heapSnapshot),
    clock: options.clock ?? systemClock,
  };
}

function gcCoolDown(option: boolean | ForcedGcOptions): number | undefined {
  if (option === false) return undefined;
  const options = option === true ? {} : option;
  checkKnown(`${KIND}.forceGc`, options, ['coolDown']);
  return toMilliseconds(`${KIND}.forceGc.coolDown`, options.coolDown ?? '30s', { min: 1000 });
}

function snapshotSettings(options: HeapSnapshotOptions): HeapSnapshotSettings {
  const path = `${KIND}.heapSnapshot`;
  checkKnown(path, options, SNAPSHOT_OPTIONS);
  return {
    dir: checkString(`${path}.dir`, options.dir),
    above: checkNumber(`${path}.above`, options.above ?? 0.9, ABOVE_ZERO, 1),
    maxFiles: checkInteger(`${path}.maxFiles`, options.maxFiles ?? 3, { max: 1000 }),
    coolDown: toMilliseconds(`${path}.coolDown`, options.coolDown ?? '1h', { min: 1000 }),
    minFree: toBytes(`${path}.minFree`, options.minFree ?? '1gb', { min: 0 }),
  };
}
