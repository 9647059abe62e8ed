import { seededRandom } from '@perf/core/testing';
import { runConcurrently } from '../../harness/run-concurrently.ts';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import { takeTurns, timeCost, type Cost, type Rounds } from '../../harness/turns.ts';
import { atOnce, CONCURRENCIES } from './names.ts';
import { subjects } from './subjects.ts';

/** Work of one process. */
export interface HttpInput {
  readonly origin: string;
  readonly seed: number;
  readonly rounds: Rounds;
}

/** Requests of each before anything is timed: until V8 has compiled what they run. */
const WARM_UP = 4000;
/** Requests per turn: some tens of milliseconds. */
const COUNTS = { 1: 200, 16: 600, 64: 800 } as const;

async function measure({ origin, seed, rounds }: HttpInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const all = shuffled(subjects(origin), random);
  const costs: Cost[] = [];
  for (const { ask } of all) await runConcurrently(16, WARM_UP, ask);
  for (const concurrency of shuffled(CONCURRENCIES, random)) {
    const count = COUNTS[concurrency];
    const contestants = all.map(({ subject, ask }) => ({
      subject,
      workload: atOnce(concurrency),
      run: () => timeCost(count, () => runConcurrently(concurrency, count, ask)),
    }));
    costs.push(...(await takeTurns(contestants, rounds, random)));
  }
  await Promise.all(all.map(({ close }) => close()));
  return costs;
}

serveJob(measure);
