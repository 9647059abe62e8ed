import {
  checkInteger,
  checkKnown,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import { signalSwitches, type SignalSwitches } from '../signals/signal.ts';
import { burstSettings, type BurstOptions, type BurstSettings } from './bursts/burst-options.ts';

/** Where profiles of processor time and of the heap go. */
export interface CaptureFilesOptions {
  /** The folder; it is made where there is none. */
  readonly dir: string;
  /** How many profiles it holds, of all processes that write to it: the oldest are removed. @default 20 */
  readonly maxFiles?: number | undefined;
}

/** Options of `createProfiler`. */
export interface ProfilerOptions {
  /** Told in events and errors. @default 'profiler' */
  readonly name?: string | undefined;
  /** How often a sample is taken, from 10 ms. @default '100ms' */
  readonly interval?: Duration | undefined;
  /** How many samples are kept, 264 bytes each: at 100 ms, the default is the last 17 minutes. @default 10_000 */
  readonly maxSamples?: number | undefined;
  /** Which signals are read. @default all of them */
  readonly signals?: Partial<SignalSwitches> | undefined;
  /** How many operations are told apart; further ones are counted together, as `__overflow__`. @default 1000 */
  readonly maxOperations?: number | undefined;
  /** Where profiles go. @default none: each capture names its folder */
  readonly captures?: CaptureFilesOptions | undefined;
  /** Profiles that are taken by themselves; they need `captures`. @default none */
  readonly bursts?: readonly BurstOptions[] | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** {@link ProfilerOptions}, checked. */
export interface ProfilerSettings {
  readonly name: string;
  readonly interval: number;
  readonly maxSamples: number;
  readonly signals: SignalSwitches;
  readonly maxOperations: number;
  readonly dir: string | undefined;
  readonly maxFiles: number;
  readonly bursts: readonly BurstSettings[];
  readonly clock: Clock;
}

const KIND = 'profiler';
const KNOWN = [
  'name',
  'interval',
  'maxSamples',
  'signals',
  'maxOperations',
  'captures',
  'bursts',
  'clock',
];
const LONGEST_INTERVAL = 3_600_000;
const MOST_SAMPLES = 1_000_000;
const MOST_BURSTS = 20;

/** @throws {@link ConfigError} naming the option that is refused */
export function profilerSettings(options: ProfilerOptions): ProfilerSettings {
  checkKnown(KIND, options, KNOWN);
  const { captures } = options;
  if (captures !== undefined) checkKnown(`${KIND}.captures`, captures, ['dir', 'maxFiles']);
  return {
    name: checkString(`${KIND}.name`, options.name ?? KIND),
    interval: toMilliseconds(`${KIND}.interval`, options.interval ?? 100, {
      min: 10,
      max: LONGEST_INTERVAL,
    }),
    maxSamples: checkInteger(`${KIND}.maxSamples`, options.maxSamples ?? 10_000, {
      max: MOST_SAMPLES,
    }),
    signals: signalSwitches(`${KIND}.signals`, options.signals ?? {}),
    maxOperations: checkInteger(`${KIND}.maxOperations`, options.maxOperations ?? 1000, {
      max: 100_000,
    }),
    dir: captures === undefined ? undefined : checkString(`${KIND}.captures.dir`, captures.dir),
    maxFiles: checkInteger(`${KIND}.captures.maxFiles`, captures?.maxFiles ?? 20, { max: 10_000 }),
    bursts: checkBursts(options.bursts ?? [], captures?.dir),
    clock: options.clock ?? systemClock,
  };
}

function checkBursts(
  bursts: readonly BurstOptions[],
  dir: string | undefined,
): readonly BurstSettings[] {
  const path = `${KIND}.bursts`;
  if (!Array.isArray(bursts) || bursts.length > MOST_BURSTS) {
    throw new ConfigError(path, bursts, `an array of at most ${MOST_BURSTS} bursts`);
  }
  if (bursts.length > 0 && dir === undefined) {
    throw new ConfigError(`${KIND}.captures`, dir, 'given, so that bursts have a folder');
  }
  return bursts.map((burst, index) => burstSettings(`${path}[${index}]`, burst, index));
}
