import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { MergingOutput } from './merging-worker.ts';

const FULL = 5;
const QUICK = 2;

const target = (what: string, unit: string, must: number, reach: number): Target => ({
  id: 'met-6',
  what,
  peerName: '',
  unit,
  judged: 'ours',
  bound: 'at most',
  must,
  reach,
});

/** What it takes to merge the metrics of eight workers: met-6. */
export const merging: Family = async ({ quick, output }) => {
  const jobs = Array.from({ length: quick ? QUICK : FULL }, () => ({
    module: new URL('merging-worker.js', import.meta.url),
    input: undefined,
  }));
  const outputs = await output.task('merging, in fresh processes', jobs.length, (onDone) =>
    runJobs<undefined, MergingOutput>(jobs, onDone),
  );
  const all = (pick: (output: MergingOutput) => number): number => median(outputs.map(pick));
  return [
    judge(target('8 workers × 10,000 series', 'ms', 50, 20), {
      ours: all(({ milliseconds }) => milliseconds),
    }),
    judge(target('the same, each in an order of its own', 'ms', 50, 20), {
      ours: all(({ shuffled }) => shuffled),
    }),
    judge(target('error of the merged counts', '', 0, 0), {
      ours: Math.max(...outputs.map(({ error }) => error)),
    }),
  ];
};
