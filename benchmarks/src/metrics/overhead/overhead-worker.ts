import { seededRandom } from '@perf/core';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import { startSteadyLoad } from './steady-load.ts';
import { watchedWindow, type Watch } from './watched-window.ts';

/** What the process does beside being watched. */
export type Load = 'idle' | 'steady';

/** Work of one process. */
export interface OverheadInput {
  readonly load: Load;
  readonly seed: number;
  readonly rounds: number;
  /** Of a window, in milliseconds. */
  readonly duration: number;
}

/** Processor time of one round's windows, in percent of one processor; `control` is a second one that is not watched. */
export type OverheadRound = Readonly<Record<Watch | 'control', number>>;

/** Each round has a window of each kind, in random order. */
async function measure(input: OverheadInput): Promise<OverheadRound[]> {
  const { load, seed, rounds, duration } = input;
  const random = seededRandom(seed);
  const stop = load === 'steady' ? startSteadyLoad() : undefined;
  // Compiled, as in a process that has run for long.
  for (let one = 0; one < 2; one++) await watchedWindow('on', duration);
  const results: OverheadRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const result = { on: 0, off: 0, control: 0 };
    for (const kind of shuffled(['on', 'off', 'control'] as const, random)) {
      result[kind] = await watchedWindow(kind === 'on' ? 'on' : 'off', duration);
    }
    results.push(result);
  }
  stop?.();
  return results;
}

serveJob(measure);
