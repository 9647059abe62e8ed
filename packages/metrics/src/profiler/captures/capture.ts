import type { Duration, ByteSize } from '@perf/core';

/** `cpu`: where processor time goes. `heap`: who allocates what is alive. */
export type CaptureKind = 'cpu' | 'heap';

/** What a capture takes. */
export interface CaptureOptions {
  /** For how long, at most 5 minutes. @default '10s' */
  readonly duration?: Duration | undefined;
  /** The folder for the file; it is made where there is none. @default that of the profiler */
  readonly dir?: string | undefined;
  /** Ends it early: it rejects with the signal's reason, and leaves no file. */
  readonly signal?: AbortSignal | undefined;
}

/** What a capture of processor time takes. */
export interface CpuCaptureOptions extends CaptureOptions {
  /**
   * Milliseconds between two samples of the stack, from 0.1. 10 costs some percent of processor time; 1 may cost a busy server half of its
   * throughput.
   * @default 10
   */
  readonly sampleEvery?: number | undefined;
}

/** What a capture of the heap takes. */
export interface HeapCaptureOptions extends CaptureOptions {
  /** An allocation is noted about every so many bytes, from 16 kB. @default '512kb' */
  readonly sampleEvery?: ByteSize | undefined;
}

/** A profile that lies in a file, for Chrome's DevTools, VS Code, or speedscope. */
export interface Capture {
  readonly kind: CaptureKind;
  /** The whole path; it ends in `.cpuprofile` or `.heapprofile`. */
  readonly file: string;
  /** The size of the file. */
  readonly bytes: number;
  /** When it began, in milliseconds since 1970. */
  readonly time: number;
  /** How long it was taken, in milliseconds. */
  readonly duration: number;
  /** The functions that took most, at most 10: the first one most. */
  readonly hottest: readonly HotFunction[];
}

/** A function, without those that it calls. */
export interface HotFunction {
  /** `(anonymous)` where it has no name; in parentheses what is none, as `(garbage collector)`. */
  readonly name: string;
  /** Its file and line, from 1; empty of what is none. */
  readonly location: string;
  /** Milliseconds of processor time, or bytes that are alive. */
  readonly amount: number;
  /** Which part of all that was seen, from 0 to 1; of a processor's time, without the idle time. */
  readonly share: number;
}

/** The longest capture, in milliseconds. */
export const LONGEST_CAPTURE = 300_000;
