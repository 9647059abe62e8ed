/**
 * One reading of the process, flat, so that many of them are columns of numbers. What happened is of the interval that ends with the
 * reading; what is, is as it is then. `NaN` stands for what is not known: its signal is switched off, the system does not tell it,
 * or it has not been read yet.
 */
export interface Sample {
  /** When it was read, in milliseconds since 1970. */
  readonly time: number;
  /** How long its interval was, in milliseconds by the monotonic clock; longer than asked for when the event loop was blocked. */
  readonly interval: number;

  /** Processor time of the process in user mode, all threads, in milliseconds. */
  readonly cpuUser: number;
  /** The same in the kernel. */
  readonly cpuSystem: number;
  /** `(cpuUser + cpuSystem) / interval`: 1 is one processor; above it when threads work too. */
  readonly cpuShare: number;
  /** Milliseconds for which the main thread was ready to run and had no processor; `NaN` where there is no `/proc/self/schedstat`. */
  readonly cpuWait: number;

  /** Memory of the process, in bytes. */
  readonly rss: number;
  readonly heapTotal: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;

  /** How late a timer of the event loop was, in milliseconds; percentiles and maximum of the interval. */
  readonly loopDelayP50: number;
  readonly loopDelayP99: number;
  readonly loopDelayMax: number;
  /** Which part of the interval the event loop did not wait, from 0 to 1. */
  readonly loopUtilization: number;

  /** Collections of garbage that ended, and their pauses together, in milliseconds: of the young generation. */
  readonly gcMinorCount: number;
  readonly gcMinorPause: number;
  /** Full collections. */
  readonly gcMajorCount: number;
  readonly gcMajorPause: number;
  /** Steps of incremental marking, and weak callbacks. */
  readonly gcOtherCount: number;
  readonly gcOtherPause: number;
  /** The longest single pause, in milliseconds. */
  readonly gcPauseMax: number;

  /** Bytes per second that reached, or came from, a disk. Read once a second, as are all below. */
  readonly diskRead: number;
  readonly diskWritten: number;
  /** Bytes per second by read and write calls of any kind: files, pipes, sockets; what the system's cache served as well. */
  readonly ioRead: number;
  readonly ioWritten: number;
  /** Bytes per second over all network interfaces that the process sees, without the loopback. */
  readonly networkReceived: number;
  readonly networkSent: number;
  /** Sockets, servers, pipes, watchers that are open. */
  readonly activeHandles: number;
  /** Calls of the operating system or of the thread pool that are under way. */
  readonly activeRequests: number;
  /** How long a trivial file operation took at least, in milliseconds: how long the thread pool of libuv lets wait. */
  readonly threadPoolDelay: number;
  /** Bytes that the control group of the process holds. */
  readonly cgroupMemory: number;
  /** Milliseconds per second for which the control group was kept off the processor by its limit. */
  readonly cpuThrottled: number;
}

/** A column of samples. */
export type SampleField = keyof Sample;

/** A record, so that none can be forgotten. */
const FIELDS: Readonly<Record<SampleField, true>> = {
  time: true,
  interval: true,
  cpuUser: true,
  cpuSystem: true,
  cpuShare: true,
  cpuWait: true,
  rss: true,
  heapTotal: true,
  heapUsed: true,
  external: true,
  arrayBuffers: true,
  loopDelayP50: true,
  loopDelayP99: true,
  loopDelayMax: true,
  loopUtilization: true,
  gcMinorCount: true,
  gcMinorPause: true,
  gcMajorCount: true,
  gcMajorPause: true,
  gcOtherCount: true,
  gcOtherPause: true,
  gcPauseMax: true,
  diskRead: true,
  diskWritten: true,
  ioRead: true,
  ioWritten: true,
  networkReceived: true,
  networkSent: true,
  activeHandles: true,
  activeRequests: true,
  threadPoolDelay: true,
  cgroupMemory: true,
  cpuThrottled: true,
};

/** Every column, in order. */
export const SAMPLE_FIELDS: readonly SampleField[] = Object.keys(FIELDS) as SampleField[];

/** Samples by column, the oldest first; plain data, which can be cloned and sent to another thread. */
export interface Samples {
  readonly length: number;
  /** Each has `length` numbers. */
  readonly columns: Readonly<Record<SampleField, Float64Array>>;
}

/** The sample at an index, negative ones from the end; `undefined` where there is none. */
export function sampleAt(samples: Samples, index: number): Sample | undefined {
  const at = index < 0 ? samples.length + index : index;
  if (!(at >= 0 && at < samples.length)) return undefined;
  return Object.fromEntries(
    SAMPLE_FIELDS.map((field) => [field, samples.columns[field][at] ?? Number.NaN]),
  ) as unknown as Sample;
}

/** Columns of these samples; fields that are absent are `NaN`. For tests and for samples from elsewhere. */
export function toSamples(samples: readonly Partial<Sample>[]): Samples {
  const column = (field: SampleField): Float64Array =>
    Float64Array.from(samples, (sample) => sample[field] ?? Number.NaN);
  return {
    length: samples.length,
    columns: Object.fromEntries(
      SAMPLE_FIELDS.map((field) => [field, column(field)]),
    ) as unknown as Samples['columns'],
  };
}
