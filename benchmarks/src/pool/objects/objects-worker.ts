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
import { QUEUED } from './names.ts';
import { subjects, type AsyncSubject, type SyncSubject } from './subjects.ts';

/** Work of one process. */
export interface ObjectsInput {
  readonly seed: number;
  readonly rounds: Rounds;
}

const SYNC_COUNT = 200_000;
/** A multiple of the callers. */
const ASYNC_COUNT = 12_800;

async function measure({ seed, rounds }: ObjectsInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const { sync, async } = await subjects();
  const contestants: Contestant[] = [];
  for (const one of shuffled([...sync, ...async], random)) {
    contestants.push('cycle' in one ? await syncContestant(one) : await asyncContestant(one));
  }
  return takeTurns(contestants, rounds, random);
}

async function syncContestant({ workload, subject, cycle }: SyncSubject): Promise<Contestant> {
  const { cycleAll } = await loopsFor(workload, subject);
  return {
    workload,
    subject,
    run: () =>
      processorCost(SYNC_COUNT, async () => {
        if (cycleAll(cycle, SYNC_COUNT) !== SYNC_COUNT) throw new Error(`${subject} left some out`);
      }),
  };
}

async function asyncContestant(one: AsyncSubject): Promise<Contestant> {
  const { workload, subject } = one;
  const acquire = (): PromiseLike<unknown> => one.acquire();
  const release = (held: unknown): unknown => one.release(held);
  const { allAtOnce, oneByOne } = await loopsFor(workload, subject);
  const loop = workload === QUEUED ? allAtOnce : oneByOne;
  return {
    workload,
    subject,
    async run() {
      await loop(acquire, release, ASYNC_COUNT / 10);
      return processorCost(ASYNC_COUNT, () => loop(acquire, release, ASYNC_COUNT));
    },
  };
}

async function loopsFor(workload: string, subject: string): Promise<typeof Loops> {
  const query = encodeURIComponent(`${workload} ${subject}`);
  const url = new URL(`loops.js?for=${query}`, import.meta.url);
  return (await import(url.href)) as typeof Loops;
}

serveJob(measure);
