import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import type { Family } from '../../harness/family.ts';
import type { BatcherInput } from './batcher-worker.ts';
import { CONTROL, DATALOADER, LOADS, OURS } from './names.ts';

const FULL = { processes: 8, rounds: { warmUp: 6, counted: 24 } };
const QUICK = { processes: 3, rounds: { warmUp: 3, counted: 8 } };

const target = (what: string, peerName: string, must: number, reach: number): Target => ({
  id: 'res-13',
  what,
  peerName,
  unit: 'ns',
  judged: 'ratio',
  bound: 'at least',
  must,
  reach,
});

/** What a load costs that goes in a batch of 100. */
export const batching: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('batcher-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module,
    input: { seed: index + 1, rounds } satisfies BatcherInput,
  }));
  const outputs = await output.task('batches, in fresh processes', jobs.length, (onDone) =>
    runJobs<BatcherInput, Cost[]>(jobs, onDone),
  );
  const costs = new PairedCosts(outputs);
  const control = costs.speed(LOADS, CONTROL, DATALOADER.plain)?.ratio ?? Number.NaN;
  const spread = costs.spread(LOADS, CONTROL, DATALOADER.plain).map((ratio) => ratio.toFixed(2));
  output.line(
    `null control: dataloader against itself ${control.toFixed(2)} × (${spread.join(' – ')})`,
  );
  const rows: readonly (readonly [Target, ours: string, peer: string])[] = [
    [target('a load, no dedupe', DATALOADER.plain, 0.95, 1.1), OURS.plain, DATALOADER.plain],
    [
      target('a load of a new key, dedupe', DATALOADER.cached, 1.2, 1.4),
      OURS.distinct,
      DATALOADER.cached,
    ],
  ];
  return rows.map(([target, ours, peer]) =>
    judge(target, costs.speed(LOADS, ours, peer) ?? { skipped: `${ours} was not measured` }),
  );
};
