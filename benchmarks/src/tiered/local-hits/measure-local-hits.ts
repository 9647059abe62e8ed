import type { GroupContext } from '../../harness/group.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import type { Cost } from '../../harness/turns.ts';
import type { LocalHitsInput } from './local-hits-worker.ts';

const FULL = { processes: 8, rounds: { warmUp: 6, counted: 30 } };
const QUICK = { processes: 3, rounds: { warmUp: 2, counted: 5 } };

/** What a hit in memory costs, in nanoseconds of processor time. @param redis as the worker's */
export async function measureLocalHits(
  redis: string | undefined,
  { quick, output }: GroupContext,
): Promise<PairedCosts> {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('local-hits-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module,
    input: { redis, seed: index + 1, rounds } satisfies LocalHitsInput,
  }));
  return output.task('hits in memory, in fresh processes', jobs.length, async (onDone) => {
    return new PairedCosts(await runJobs<LocalHitsInput, Cost[]>(jobs, onDone));
  });
}
