import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { median } from '../../harness/statistics.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { ExpositionInput, ExpositionOutput } from './exposition-worker.ts';
import { OURS, PROM_CLIENT, SCRAPE } from './names.ts';

const FULL = { processes: 8, rounds: { warmUp: 6, counted: 20 } };
const QUICK = { processes: 3, rounds: { warmUp: 4, counted: 8 } };

const SPEED: Target = {
  id: 'met-4',
  what: SCRAPE,
  peerName: PROM_CLIENT,
  unit: 'ns',
  judged: 'ratio',
  bound: 'at least',
  must: 15,
  reach: 30,
};
const BLOCKED: Target = {
  id: 'met-4',
  what: 'event loop blocked by a scrape of 100,000 series',
  peerName: '',
  unit: 'ms',
  judged: 'ours',
  bound: 'at most',
  must: 5,
  reach: 2,
};

/** What a scrape costs, and for how long it blocks the event loop: met-4. */
export const exposition: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module: new URL('exposition-worker.js', import.meta.url),
    input: { seed: index + 1, rounds } satisfies ExpositionInput,
  }));
  const outputs = await output.task('exposition, in fresh processes', jobs.length, (onDone) =>
    runJobs<ExpositionInput, ExpositionOutput>(jobs, onDone),
  );
  const costs = new PairedCosts(outputs.map(({ costs }) => costs));
  const first = median(outputs.map(({ firstBlocked }) => firstBlocked));
  output.line(`100,000 series: the first scrape blocks for ${first.toFixed(1)} ms`);
  return [
    judge(SPEED, costs.speed(SCRAPE, OURS, PROM_CLIENT) ?? { skipped: 'it was not measured' }),
    judge(BLOCKED, { ours: median(outputs.map(({ blocked }) => blocked)) }),
  ];
};
