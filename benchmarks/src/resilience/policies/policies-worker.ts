import { seededRandom } from '@perf/core/testing';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import {
  processorCost,
  takeTurns,
  type Contestant,
  type Cost,
  type Rounds,
} from '../../harness/turns.ts';
import type * as Loops from './loops.ts';
import { subjects } from './subjects.ts';

/** Work of one process. */
export interface PoliciesInput {
  readonly seed: number;
  readonly rounds: Rounds;
}

async function measure({ seed, rounds }: PoliciesInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const { all, end } = await subjects();
  const contestants: Contestant[] = [];
  for (const { workload, subject, call, calls, atOnce } of shuffled(all, random)) {
    const query = encodeURIComponent(`${workload} ${subject}`);
    const url = new URL(`loops.js?for=${query}`, import.meta.url);
    const { allAtOnce, oneByOne } = (await import(url.href)) as typeof Loops;
    const loop = atOnce === true ? allAtOnce : oneByOne;
    contestants.push({
      subject,
      workload,
      async run() {
        await loop(call, calls / 10);
        return processorCost(calls, () => loop(call, calls));
      },
    });
  }
  const costs = await takeTurns(contestants, rounds, random);
  end();
  return costs;
}

serveJob(measure);
