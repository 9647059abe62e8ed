import {
  checkKnown,
  checkNumber,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import { signalSwitches, type SignalSwitches } from '../signals/signal.ts';

/** Options of `collectRuntime`. */
export interface RuntimeOptions {
  /** Which signals are read. @default all of them */
  readonly signals?: Partial<SignalSwitches> | undefined;
  /**
   * How often the timer runs whose lateness is the delay of the event loop, 1 to 1000 ms: shorter blocks may fall between two runs. While
   * the loop does nothing it runs every 100 ms at most.
   * @default '20ms'
   */
  readonly resolution?: Duration | undefined;
  /** The least time that figures of the event loop are of; who reads again within it gets the same. @default '5s' */
  readonly window?: Duration | undefined;
  /** Bounds of the buckets of `nodejs_gc_duration_seconds`, in seconds, ascending. @default those of prom-client */
  readonly gcBuckets?: readonly number[] | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** {@link RuntimeOptions}, checked. */
export interface RuntimeSettings {
  readonly signals: SignalSwitches;
  readonly resolution: number;
  readonly window: number;
  readonly gcBuckets: readonly number[];
  readonly clock: Clock;
}

const KIND = 'collectRuntime';
const GC_BUCKETS = [0.001, 0.01, 0.1, 1, 2, 5];

/** @throws {@link ConfigError} naming the option that is refused */
export function runtimeSettings(options: RuntimeOptions): RuntimeSettings {
  checkKnown(KIND, options, ['signals', 'resolution', 'window', 'gcBuckets', 'clock']);
  return {
    signals: signalSwitches(`${KIND}.signals`, options.signals ?? {}),
    resolution: toMilliseconds(`${KIND}.resolution`, options.resolution ?? 20, { max: 1000 }),
    window: toMilliseconds(`${KIND}.window`, options.window ?? '5s', { min: 0 }),
    gcBuckets: checkBuckets(options.gcBuckets ?? GC_BUCKETS),
    clock: options.clock ?? systemClock,
  };
}

function checkBuckets(buckets: readonly number[]): readonly number[] {
  const path = `${KIND}.gcBuckets`;
  if (!Array.isArray(buckets)) throw new ConfigError(path, buckets, 'an array of seconds');
  buckets.forEach((bound: number, at: number) => {
    checkNumber(`${path}[${at}]`, bound, 0, Number.MAX_VALUE);
    if (at > 0 && bound <= (buckets[at - 1] as number)) {
      throw new ConfigError(`${path}[${at}]`, bound, 'above the one before');
    }
  });
  return buckets;
}
