import { runJobs, type Job } from '../harness/job.ts';
import { shuffled } from '../harness/statistics.ts';
import type { GroupContext } from '../harness/group.ts';
import { seededRandom } from '@perf/core/testing';
import { SpeedMeasurement } from './speed-measurement.ts';
import type { SpeedInput, SpeedOutput, Suite } from './speed.ts';

const SUITES: readonly Suite[] = ['plain', 'ttl', 'small'];
const FULL = { processes: 8, rounds: 36 };
const QUICK = { processes: 3, rounds: 8 };

/** Runs every suite in fresh processes, one at a time, in random order. */
export async function measureSpeed({ quick, output }: GroupContext): Promise<SpeedMeasurement> {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('speed-worker.js', import.meta.url);
  const jobs = SUITES.flatMap((suite) =>
    Array.from({ length: processes }, (_, index): Job<SpeedInput> => ({
      module,
      input: { suite, seed: index + 1, rounds },
    })),
  );
  const inOrder = shuffled(jobs, seededRandom(1));
  const outputs = await output.task('speed, in fresh processes', jobs.length, (onDone) =>
    runJobs<SpeedInput, SpeedOutput>(inOrder, onDone),
  );
  const bySuite = new Map(
    SUITES.map((suite) => [
      suite,
      outputs.filter((_, index) => inOrder[index]?.input.suite === suite),
    ]),
  );
  return new SpeedMeasurement(bySuite);
}
