import type { GroupContext } from '../../harness/group.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import type { Cost } from '../../harness/turns.ts';
import type { RedisSpeedInput } from './redis-speed-worker.ts';

const FULL = { processes: 8, rounds: { warmUp: 1, counted: 7 } };
const QUICK = { processes: 2, rounds: { warmUp: 1, counted: 2 } };

/** What hits and writes in Redis cost, in microseconds. */
export async function measureRedisSpeed(
  url: string,
  { quick, output }: GroupContext,
): Promise<PairedCosts> {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('redis-speed-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) =>
    (['reads', 'writes'] as const).map((part) => ({
      module,
      input: { url, part, seed: index + 1, rounds } satisfies RedisSpeedInput,
    })),
  ).flat();
  return output.task(
    'hits and writes in Redis, in fresh processes',
    jobs.length,
    async (onDone) => {
      const outputs = await runJobs<RedisSpeedInput, Cost[]>(jobs, onDone);
      return new PairedCosts(outputs);
    },
  );
}
