import { seededRandom } from '@perf/core/testing';
import { serveJob } from '../../harness/job.ts';
import { takeTurns, timeCost, type Cost, type Rounds } from '../../harness/turns.ts';
import { subjects, type Subject } from './subjects.ts';

/** Work of one process. */
export interface PostgresInput {
  readonly url: string;
  readonly seed: number;
  readonly rounds: Rounds;
}

async function measure({ url, seed, rounds }: PostgresInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  await using all = subjects(url, random);
  const contestants = all.all.map((one) => ({
    subject: one.subject,
    workload: one.workload,
    run: () => timeCost(one.count, () => queryAll(one)),
  }));
  return await takeTurns(contestants, rounds, random);
}

async function queryAll(one: Subject): Promise<void> {
  const call = async (): Promise<void> => {
    for (let n = 0; n < one.count / one.callers; n++) await one.query();
  };
  await Promise.all(Array.from({ length: one.callers }, call));
}

serveJob(measure);
