import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { Load, OverheadInput, OverheadRound } from './overhead-worker.ts';

const FULL = { processes: 3, rounds: 6, duration: 3000 };
const QUICK = { processes: 1, rounds: 3, duration: 2000 };

const LOADS: readonly (readonly [Load, string])[] = [
  ['idle', 'profiler and runtime series, idle process'],
  ['steady', 'profiler and runtime series, 200 requests a second'],
];

const target = (what: string): Target => ({
  id: 'met-5',
  what,
  peerName: 'the same without',
  unit: '% of a processor',
  judged: 'difference',
  bound: 'at most',
  must: 1,
  reach: 0.3,
});

/** What it costs to have everything on that watches a process: met-5. */
export const overhead: Family = async ({ quick, output }) => {
  const { processes, rounds, duration } = quick ? QUICK : FULL;
  const rows = [];
  for (const [load, what] of LOADS) {
    const jobs = Array.from({ length: processes }, (_, index) => ({
      module: new URL('overhead-worker.js', import.meta.url),
      input: { load, seed: index + 1, rounds, duration } satisfies OverheadInput,
    }));
    const outputs = await output.task(`${what}, in fresh processes`, jobs.length, (onDone) =>
      runJobs<OverheadInput, OverheadRound[]>(jobs, onDone),
    );
    const results = outputs.flat();
    const control = median(results.map(({ control, off }) => control - off));
    output.line(`null control: not watched, against itself: ${control.toFixed(2)} %`);
    const peer = median(results.map(({ off }) => off));
    // Of windows that lay side by side.
    const difference = median(results.map(({ on, off }) => on - off));
    rows.push(judge(target(what), { ours: peer + difference, peer }));
  }
  return rows;
};
