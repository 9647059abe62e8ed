import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** Bytes that V8's heap holds now; a good deal cheaper than `process.memoryUsage`. */
export function readHeapUsed(): number {
  return getHeapStatistics().used_heap_size;
}

/** A part of V8's heap; sizes in bytes. */
export interface HeapSpace {
  /** Without V8's `_space`: `new`, `old`, `large_object`, … */
  readonly name: string;
  readonly size: number;
  readonly used: number;
  readonly available: number;
}

export function readHeapSpaces(): readonly HeapSpace[] {
  return getHeapSpaceStatistics().map((space) => ({
    name: space.space_name.replace(/_space$/, ''),
    size: space.space_size,
    used: space.space_used_size,
    available: space.space_available_size,
  }));
}
