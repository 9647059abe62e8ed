import type { Profile } from '../profiler/profile.ts';
import type { SampleField } from '../profiler/sample.ts';
import { quantileOf } from '../trends/series.ts';
import { forecast } from '../trends/forecast.ts';

/** What a process has done of late. NaN, `null` in JSON, is what is not known. */
export interface ProcessSummary {
  /** Milliseconds since the profiler was started. */
  readonly uptime: number;
  /** Processor time in percent of one processor, and how many there are. */
  readonly cpu: number;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly memoryLimit: number;
  readonly heapUsed: number;
  readonly heapLimit: number;
  /** By how many bytes a second the heap grows or shrinks, over all samples; 0 where that may be chance. */
  readonly heapTrend: number;
  /** Milliseconds until the heap's limit is reached if that goes on; `Infinity`, `null` in JSON, if it does not. */
  readonly heapFullIn: number;
  /** Percent of the time. */
  readonly loopUtilization: number;
  /** Milliseconds. */
  readonly loopDelayP99: number;
  readonly loopDelayMax: number;
  /** Percent of the time that collections of garbage took; the longest pause in milliseconds. */
  readonly gcShare: number;
  readonly gcPauseMax: number;
  /** Milliseconds. */
  readonly threadPoolDelay: number;
}

/** @param window milliseconds back to which samples count */
export function summarizeProcess(profile: Profile, window: number): ProcessSummary {
  const { samples, limits } = profile;
  const { columns, length } = samples;
  const newest = columns.time[length - 1] ?? 0;
  let from = length;
  while (from > 0 && newest - (columns.time[from - 1] ?? 0) < window) from--;
  const values = (field: SampleField): readonly number[] =>
    [...columns[field].subarray(from)].filter(Number.isFinite);
  const sum = (field: SampleField): number =>
    values(field).reduce((total, value) => total + value, 0);
  const mean = (field: SampleField): number => sum(field) / values(field).length;
  const at = (field: SampleField, quantile: number): number => quantileOf(values(field), quantile);
  const heap = forecast({ times: columns.time, values: columns.heapUsed }, limits.heap);
  const pauses = sum('gcMinorPause') + sum('gcMajorPause') + sum('gcOtherPause');
  return {
    uptime: profile.uptime,
    cpu: mean('cpuShare') * 100,
    cpus: limits.cpus,
    memory: columns.rss[length - 1] ?? Number.NaN,
    memoryLimit: limits.memory,
    heapUsed: columns.heapUsed[length - 1] ?? Number.NaN,
    heapLimit: limits.heap,
    heapTrend: heap.trend.direction === 'none' ? 0 : heap.trend.slope,
    heapFullIn: heap.reachedIn,
    loopUtilization: mean('loopUtilization') * 100,
    loopDelayP99: at('loopDelayMax', 0.99),
    loopDelayMax: at('loopDelayMax', 1),
    gcShare: profile.signals.gc ? (pauses / sum('interval')) * 100 : Number.NaN,
    gcPauseMax: at('gcPauseMax', 1),
    threadPoolDelay: at('threadPoolDelay', 0.5),
  };
}
