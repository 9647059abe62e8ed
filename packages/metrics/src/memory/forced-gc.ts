import type { Clock } from '@perf/core';
import { readHeapUsed } from '../signals/memory.ts';
import type { ForcedGc } from './telemetry.ts';

/** Collects all garbage at once. @returns `undefined` where that is not exposed: `node --expose-gc` does */
export function forceGc(clock: Clock): ForcedGc | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  const before = readHeapUsed();
  const start = clock.now();
  // Without arguments it is a full one, and is over when it returns.
  gc();
  return { freed: before - readHeapUsed(), took: clock.now() - start };
}
