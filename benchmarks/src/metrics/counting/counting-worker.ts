import { seededRandom } from '@perf/core/testing';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import { processorCost, takeTurns, type Cost, type Rounds } from '../../harness/turns.ts';
import type * as Loops from './loops.ts';
import { subjects } from './subjects.ts';

/** Work of one process. */
export interface CountingInput {
  readonly seed: number;
  readonly rounds: Rounds;
}

async function measure({ seed, rounds }: CountingInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const contestants = [];
  for (const { workload, subject, count, run } of shuffled(subjects(), random)) {
    const query = encodeURIComponent(`${workload} ${subject}`);
    const loops = (await import(
      new URL(`loops.js?for=${query}`, import.meta.url).href
    )) as typeof Loops;
    contestants.push({
      workload,
      subject,
      run: () =>
        processorCost(count, async () => {
          run(loops, count);
        }),
    });
  }
  return takeTurns(contestants, rounds, random);
}

serveJob(measure);
