import { defineChannel, type Channel } from '@perf/core';

/** How much memory the process has, and may have; bytes. */
export interface MemoryReading {
  readonly rss: number;
  readonly heapUsed: number;
  /** Of the control group, else of the machine. */
  readonly memoryLimit: number;
  readonly heapLimit: number;
  /** `rss / memoryLimit` */
  readonly memoryShare: number;
  /** `heapUsed / heapLimit` */
  readonly heapShare: number;
}

/** Which bound was reached: `maxRss`, or `maxShare` of the memory or of the heap. */
export type PressureCause = 'rss' | 'memory' | 'heap';

/** `pressure`: a bound was reached, and memory has not fallen well below it since. */
export type MemoryState = 'normal' | 'pressure';

/** The state has changed. */
export interface PressureEvent {
  readonly watch: string;
  readonly state: MemoryState;
  /** Which bound was reached; of a relief, which one was at the beginning. */
  readonly cause: PressureCause;
  readonly reading: MemoryReading;
}

/** A collection of garbage that was forced. */
export interface ForcedGc {
  /** Bytes that the heap holds less than before; below 0 when it grew meanwhile. */
  readonly freed: number;
  /** Milliseconds for which the event loop stood still. */
  readonly took: number;
}

/** A snapshot of the heap was written. */
export interface HeapSnapshotEvent {
  readonly watch: string;
  readonly file: string;
  readonly bytes: number;
  /** Milliseconds for which the event loop stood still. */
  readonly took: number;
}

/** Something failed that no caller was told of. */
export interface MemoryErrorEvent {
  readonly watch: string;
  readonly during: 'heap snapshot';
  readonly error: unknown;
}

/** Events of a memory watch. */
export interface MemoryWatchEvents {
  /** Memory is short: the time to give up what can be had again. */
  readonly pressure: PressureEvent;
  /** It no longer is. */
  readonly relief: PressureEvent;
  readonly gc: ForcedGc & { readonly watch: string };
  readonly heapSnapshot: HeapSnapshotEvent;
  readonly error: MemoryErrorEvent;
}

/** Every name of {@link MemoryWatchEvents}. */
export const MEMORY_EVENTS = ['pressure', 'relief', 'gc', 'heapSnapshot', 'error'] as const;

/** What `stats()` of a memory watch returns: a plain object. */
export interface MemoryWatchStats {
  readonly name: string;
  readonly state: MemoryState;
  /** Milliseconds in this state. */
  readonly stateFor: number;
  readonly reading: MemoryReading;
  /** Since the start. */
  readonly totals: {
    /** How often there was pressure. */
    readonly pressures: number;
    readonly forcedGcs: number;
    readonly heapSnapshots: number;
  };
}

/** `perf:memory:pressure`: what the events `pressure` and `relief` say, of every watch. */
export const pressureChannel: Channel<PressureEvent> = defineChannel('memory', 'pressure');
