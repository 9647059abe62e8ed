import { existsSync } from 'node:fs';
import path from 'node:path';
import { loopTrace, readTrace, scanTrace, shiftTrace, zipfTrace, type Trace } from '@perf/traces';
import type { DeveloperTrace } from './developer-traces.ts';

const GENERATORS: Readonly<Record<string, () => Trace>> = {
  'syn-loop': loopTrace,
  'syn-scanmix': scanTrace,
  'syn-shift': shiftTrace,
  'syn-zipf09': zipfTrace,
};

/** Whether the trace can be played: generated, or recorded and in the folder. */
export function isPresent(trace: DeveloperTrace, traceFolder: string): boolean {
  return !trace.recorded || existsSync(fileOf(trace.name, traceFolder));
}

/** Generates or reads a developer trace. */
export async function loadTrace(name: string, traceFolder: string): Promise<Trace> {
  return GENERATORS[name]?.() ?? readTrace(fileOf(name, traceFolder));
}

function fileOf(name: string, traceFolder: string): string {
  return path.join(traceFolder, `${name}.u32.gz`);
}
