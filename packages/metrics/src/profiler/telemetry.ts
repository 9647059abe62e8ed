import { defineChannel, type Channel } from '@perf/core';
import type { Capture } from './captures/capture.ts';

/** A profile was written. */
export interface ProfilerCaptureEvent {
  readonly profiler: string;
  readonly capture: Capture;
  /** The burst that it was taken for; `undefined` when it was asked for. */
  readonly burst: string | undefined;
}

/** There are more operations than `maxOperations`, or a name is longer than 256 characters: from now on, such are counted together. */
export interface ProfilerOverflowEvent {
  readonly profiler: string;
  /** The first that found no room; long names are cut. */
  readonly component: string;
  readonly operation: string;
}

/** Something failed that no caller was told of. */
export interface ProfilerErrorEvent {
  readonly profiler: string;
  readonly during: 'condition' | 'burst';
  /** The burst's name. */
  readonly burst: string;
  readonly error: unknown;
}

/** Events of a profiler. */
export interface ProfilerEvents {
  readonly capture: ProfilerCaptureEvent;
  readonly overflow: ProfilerOverflowEvent;
  readonly error: ProfilerErrorEvent;
}

/** Every name of {@link ProfilerEvents}. */
export const PROFILER_EVENTS = ['capture', 'overflow', 'error'] as const;

/** `perf:profiler:capture`: what the event `capture` says, of every profiler. */
export const captureChannel: Channel<ProfilerCaptureEvent> = defineChannel('profiler', 'capture');
