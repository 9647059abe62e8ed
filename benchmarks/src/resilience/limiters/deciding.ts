import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { mean } from '../../harness/statistics.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import type { GroupContext } from '../../harness/group.ts';
import type { Family } from '../../harness/family.ts';
import type { DecisionsInput } from './decisions-worker.ts';
import { CONTROL, DECISIONS, FLEXIBLE, LIMITER, OURS } from './names.ts';
import type { LimiterSpaceInput } from './space-worker.ts';

const FULL = { processes: 8, rounds: { warmUp: 8, counted: 32 } };
const QUICK = { processes: 3, rounds: { warmUp: 4, counted: 8 } };
/** Tables double: the mean over fillings in between. */
const FILLED = [60_000, 80_000, 100_000, 120_000];

type Bars = readonly [must: number, reach: number];

function speed(what: string, peerName: string, [must, reach]: Bars): Target {
  return {
    id: 'res-8',
    what,
    peerName,
    unit: 'ns',
    judged: 'ratio',
    bound: 'at least',
    must,
    reach,
  };
}

const ROWS: readonly (readonly [Target, ours: string, peer: string])[] = [
  [speed('one decision', LIMITER, [4, 6]), OURS.one, LIMITER],
  [speed('a decision about one of 100 keys', LIMITER, [3, 4.5]), OURS.keyed, LIMITER],
  [speed('the same of a sliding window', LIMITER, [1, 2]), OURS.window, LIMITER],
  [speed('the same of a bucket, awaited', FLEXIBLE, [4, 5]), OURS.awaited, FLEXIBLE],
];
const SPACE: Target = {
  id: 'res-8',
  what: 'a key in memory',
  peerName: FLEXIBLE,
  unit: 'bytes',
  judged: 'ours',
  bound: 'at most',
  must: 90,
  reach: 64,
};

/** What a decision of a limiter costs, and a key. */
export const deciding: Family = async (context) => {
  const { quick, output } = context;
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('decisions-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module,
    input: { seed: index + 1, rounds } satisfies DecisionsInput,
  }));
  const outputs = await output.task('decisions, in fresh processes', jobs.length, (onDone) =>
    runJobs<DecisionsInput, Cost[]>(jobs, onDone),
  );
  const costs = new PairedCosts(outputs);
  const control = costs.speed(DECISIONS, CONTROL, LIMITER)?.ratio ?? Number.NaN;
  const spread = costs.spread(DECISIONS, CONTROL, LIMITER).map((ratio) => ratio.toFixed(2));
  output.line(
    `null control: limiter against itself ${control.toFixed(2)} × (${spread.join(' – ')})`,
  );
  const speeds = ROWS.map(([target, ours, peer]) =>
    judge(target, costs.speed(DECISIONS, ours, peer) ?? { skipped: `${ours} was not measured` }),
  );
  return [...speeds, judge(SPACE, await measureSpace(context))];
};

async function measureSpace({ output }: GroupContext): Promise<{ ours: number; peer: number }> {
  const subjects = ['ours', 'rate-limiter-flexible'] as const;
  const jobs = subjects.flatMap((subject) =>
    FILLED.map((keys) => ({
      module: new URL('space-worker.js', import.meta.url),
      input: { subject, keys } satisfies LimiterSpaceInput,
      nodeOptions: ['--expose-gc'],
    })),
  );
  const bytes = await output.task('bytes a key, in processes of their own', jobs.length, (onDone) =>
    runJobs<LimiterSpaceInput, number>(jobs, onDone),
  );
  return { ours: mean(bytes.slice(0, FILLED.length)), peer: mean(bytes.slice(FILLED.length)) };
}
