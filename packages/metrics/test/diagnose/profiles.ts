import type { OperationStats, Profile } from '../../src/profiler/profile.ts';
import { toSamples, type Sample } from '../../src/profiler/sample.ts';

const MB = 1024 * 1024;
const INTERVAL = 100;

/** A process that has little to do. */
const QUIET: Sample = {
  time: 0,
  interval: INTERVAL,
  cpuUser: 5,
  cpuSystem: 1,
  cpuShare: 0.06,
  cpuWait: 0,
  rss: 90 * MB,
  heapTotal: 40 * MB,
  heapUsed: 30 * MB,
  external: 2 * MB,
  arrayBuffers: MB,
  loopDelayP50: 0,
  loopDelayP99: 2,
  loopDelayMax: 3,
  loopUtilization: 0.06,
  gcMinorCount: 0,
  gcMinorPause: 0.5,
  gcMajorCount: 0,
  gcMajorPause: 0,
  gcOtherCount: 0,
  gcOtherPause: 0,
  gcPauseMax: 0.5,
  diskRead: 0,
  diskWritten: 0,
  ioRead: 1000,
  ioWritten: 1000,
  networkReceived: 0,
  networkSent: 0,
  activeHandles: 3,
  activeRequests: 0,
  threadPoolDelay: 0.3,
  cgroupMemory: Number.NaN,
  cpuThrottled: 0,
};

/** A profile of samples, which are quiet but for what is given; 60 s of them. */
export function profileOf(
  change: (index: number, seconds: number) => Partial<Sample> = () => ({}),
  rest: Partial<Profile> = {},
  length = 600,
): Profile {
  const start = 1_700_000_000_000;
  return {
    time: start + length * INTERVAL,
    uptime: length * INTERVAL,
    interval: INTERVAL,
    signals: { cpu: true, memory: true, io: true, network: true, eventLoop: true, gc: true },
    samples: toSamples(
      Array.from({ length }, (_, index) => ({
        ...QUIET,
        time: start + index * INTERVAL,
        ...change(index, (index * INTERVAL) / 1000),
      })),
    ),
    heapAfterGc: { times: new Float64Array(0), values: new Float64Array(0) },
    limits: {
      memory: 4096 * MB,
      memorySource: 'cgroup',
      heap: 2048 * MB,
      cpus: 4,
      cpusSource: 'machine',
      threadPool: 4,
    },
    operations: [],
    ...rest,
  };
}

/** An operation whose calls all take about as long. */
export function operation(
  component: string,
  name: string,
  milliseconds: number,
  count = 100,
  errors = 0,
): OperationStats {
  return {
    component,
    operation: name,
    count,
    errors,
    active: 0,
    totalMs: milliseconds * count,
    maxMs: milliseconds * 1.5,
    recent: {
      duration: 60_000,
      count,
      errors,
      perSecond: count / 60,
      mean: milliseconds,
      p50: milliseconds,
      p95: milliseconds * 1.2,
      p99: milliseconds * 1.4,
      max: milliseconds * 1.5,
    },
  };
}
