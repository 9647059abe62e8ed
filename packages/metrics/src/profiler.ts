export { collectOperations } from './collectors/collect-operations.ts';
export { CaptureFailedError, CaptureInProgressError, HeapSnapshotError } from './errors.ts';
export { createMemoryWatch, type MemoryWatch } from './memory/memory-watch.ts';
export type { ForcedGcOptions, HeapSnapshotOptions, MemoryWatchOptions } from './memory/options.ts';
export type {
  ForcedGc,
  HeapSnapshotEvent,
  MemoryErrorEvent,
  MemoryReading,
  MemoryState,
  MemoryWatchEvents,
  MemoryWatchStats,
  PressureCause,
  PressureEvent,
} from './memory/telemetry.ts';
export type { BurstOptions } from './profiler/bursts/burst-options.ts';
export type {
  Capture,
  CaptureKind,
  CaptureOptions,
  CpuCaptureOptions,
  HeapCaptureOptions,
  HotFunction,
} from './profiler/captures/capture.ts';
export type { OperationSpan } from './profiler/operations/operation-span.ts';
export type { CaptureFilesOptions, ProfilerOptions } from './profiler/options.ts';
export type { OperationStats, Profile, RecentOperations, TimeSeries } from './profiler/profile.ts';
export { createProfiler, type ProfileOptions, type Profiler } from './profiler/profiler.ts';
export {
  SAMPLE_FIELDS,
  sampleAt,
  toSamples,
  type Sample,
  type SampleField,
  type Samples,
} from './profiler/sample.ts';
export type {
  ProfilerCaptureEvent,
  ProfilerOverflowEvent,
  ProfilerErrorEvent,
  ProfilerEvents,
} from './profiler/telemetry.ts';
export type { ProcessLimits } from './signals/limits.ts';
export type { Signal, SignalSwitches } from './signals/signal.ts';
